"""Which labels are wrong, how many, and how labels go wrong in these data.

The rules of confident learning are exported for arrays: the five ways to flag rows of Northcutt, Jiang, Chuang (2021),
and the scores that rank them. The audit itself uses the noise posterior.
"""
