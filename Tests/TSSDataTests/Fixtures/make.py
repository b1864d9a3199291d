"""Makes the fixtures beside it; run once, with NumPy 2."""
import json, os, sys, zipfile, zlib
import numpy as np

os.chdir(os.path.dirname(os.path.abspath(__file__)))
grid = np.arange(6.0).reshape(2, 3) + 0.5
np.save("f8.npy", grid)
np.save("f8-fortran.npy", np.asfortranarray(np.arange(24.0).reshape(2, 3, 4)))
np.save("f8-big.npy", grid.astype(">f8"))
np.save("f4.npy", np.array([0.1, -2.5, np.inf, np.nan], "f4"))
np.save("f2.npy", np.array([0.1, -2.5, 65504, 6e-8, np.inf], "f2"))
np.save("i2-big.npy", np.array([-3, 300, 32767], ">i2"))
np.save("i8.npy", np.array([[-1], [2**40]]))
np.save("u1.npy", np.array([0, 255], "u1"))
np.save("bool.npy", np.array([True, False, True]))
np.save("scalar.npy", np.float64(3.25))
np.save("empty.npy", np.zeros((0, 3)))
np.save("strings.npy", np.array([["first", "both"], ["η = 0.2", ""]]))
np.save("bytes.npy", np.array([b"erf", b"relu"]))
np.save("complex.npy", np.array([1 + 2j]))
np.save("structure.npy", np.array([(1, 2.0)], [("a", "i4"), ("b", "f8")]))
rng = np.random.default_rng(1)
arrays = dict(alpha=np.linspace(0, 1, 500), Q=np.eye(4), noise=rng.normal(size=50),
              layers=np.array(["first", "both"]), smooth=np.repeat(np.arange(5.0), 200))
np.savez("stored.npz", **arrays)
np.savez_compressed("packed.npz", **arrays)
# Streams of DEFLATE of every kind of block, with what they unpack to.
text = (b"the learning dynamics of two-layer networks; " * 40 + bytes(range(256)) * 3)
streams = []
for name, level, strategy in [("stored", 0, 0), ("fixed", 9, zlib.Z_FIXED), ("dynamic", 9, 0),
                              ("huffman", 9, zlib.Z_HUFFMAN_ONLY), ("runs", 6, zlib.Z_RLE)]:
    packer = zlib.compressobj(level, zlib.DEFLATED, -15, 9, strategy)
    packed = packer.compress(text) + packer.flush()
    streams.append((name, packed))
with zipfile.ZipFile("inflate.zip", "w") as archive:
    for name, packed in streams:
        archive.writestr(name, packed)
    archive.writestr("text", text)
# IDX, MNIST's format, of every type; and in gzip with and without the optional parts of its header.
import gzip, struct
for name, code, array in [
        ("u1", 8, np.array([0, 128, 255], ">u1")), ("i1", 9, np.array([[-128], [127]], ">i1")),
        ("i2", 11, np.array([-3, 300], ">i2")), ("i4", 12, np.arange(24).reshape(2, 3, 4).astype(">i4")),
        ("f4", 13, np.array([0.1, -2.5], ">f4")), ("f8", 14, np.array([[0.1, 1e300]], ">f8"))]:
    header = bytes([0, 0, code, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    open(name + ".idx", "wb").write(header + array.tobytes())
plain = open("i4.idx", "rb").read()
open("i4.idx.gz", "wb").write(gzip.compress(plain, mtime=0))
packed = gzip.compress(plain, mtime=0)
named = packed[:3] + bytes([2 | 4 | 8 | 16]) + packed[4:10]
open("named.gz", "wb").write(
    named + struct.pack("<H", 3) + b"abc" + b"i4.idx\0" + b"a comment\0" + b"\1\2" + packed[10:])
# Handwritten digits of 8 by 8 pixels, 0 to 16, as MNIST ships its own: the test set of "Optical
# Recognition of Handwritten Digits" (E. Alpaydin and C. Kaynak 1998, UCI Machine Learning
# Repository, doi:10.24432/C50P49, licence CC BY 4.0) as in scikit-learn.
try:
    from sklearn.datasets import load_digits
except ImportError:
    sys.exit("digits-*: needs scikit-learn; left as they are")
digits = load_digits()
images = bytes([0, 0, 8, 3]) + struct.pack(">3I", 1797, 8, 8) + digits.data.astype("u1").tobytes()
open("digits-images-idx3-ubyte.gz", "wb").write(gzip.compress(images, 9, mtime=0))
labels = bytes([0, 0, 8, 1]) + struct.pack(">I", 1797) + digits.target.astype("u1").tobytes()
open("digits-labels-idx1-ubyte", "wb").write(labels)
