"""The few hot loops: numpy says what is right, a native twin, where it was compiled, gives the same bits faster.

Each file holds one of them: the function that everyone calls, the numpy twin, and the call of the native one.
``DECHAFF_KERNEL`` (numpy, sse2, avx2, avx512, neon) names one; `dechaff doctor` says which is used and why.
"""
