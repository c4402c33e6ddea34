"""Vectors that `isovec embed` wrote, in NumPy: python read_vectors.py FILE.npy

pip install numpy
"""

import sys

import numpy

vectors = numpy.load(sys.argv[1])
print(vectors.shape, vectors.dtype)
print(numpy.round(vectors @ vectors.T, 2))
