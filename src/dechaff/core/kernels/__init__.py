"""The few hot loops: the numpy version defines the result, a native twin, if compiled, gives the same bits faster.

Each file holds one of them: the function that everyone calls, the numpy twin, and the call of the native one.
``DECHAFF_KERNEL`` (numpy, sse2, avx2, avx512, neon) selects one; `dechaff doctor` shows which is used and why.
"""
