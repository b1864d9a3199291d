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
