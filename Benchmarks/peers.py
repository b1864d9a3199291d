"""Times the peers that a package registry offers (NumPy, SciPy) in the run that timed ours, and
prints one table.

Reads the lines of `bench` from standard input; `scripts/bench` joins the two. One thread each.
Without NumPy or SciPy their columns stay empty.
"""

import math
import os
import statistics
import sys
import time

os.environ["OPENBLAS_NUM_THREADS"] = "1"
try:
    import numpy as np
except ImportError:
    np = None
try:
    from scipy.integrate import solve_ivp
except ImportError:
    solve_ivp = None


def sgd_numpy(K, M, N, eta=0.2, sigma=0.1):
    """Microseconds per step of online SGD, double precision, as one writes it in NumPy."""
    rng = np.random.default_rng(1)
    w = rng.standard_normal((K, N))
    teacher = rng.standard_normal((M, N))
    root, slope = math.sqrt(N), math.sqrt(2 / math.pi)
    v, v_star = np.ones(K), np.ones(M)
    erf = np.vectorize(lambda x: math.erf(x / math.sqrt(2)), otypes=[float])
    steps = max(200, 10_000_000 // (N * K))
    begin = time.process_time()
    for _ in range(steps):
        x = rng.standard_normal(N)
        field = w @ x / root
        delta = v @ erf(field) - v_star @ erf(teacher @ x / root) - sigma * rng.standard_normal()
        gradient = v * slope * np.exp(-field * field / 2) * delta
        w -= np.outer(eta / root * gradient, x)
    return (time.process_time() - begin) / steps * 1e6


def ode_scipy(K, M, end, eta=0.2, sigma=0.1, rtol=1e-6):
    """Milliseconds of LSODA on a NumPy right-hand side (Saad and Solla 1995), to alpha = end."""
    rng = np.random.default_rng(1)
    w, teacher = rng.standard_normal((K, 784)), np.linalg.qr(rng.standard_normal((784, M)))[0].T
    Q, R = w @ w.T / 784, w @ teacher.T / 28
    u = np.concatenate([-np.ones(K), np.ones(M)])
    ahead = np.s_[:, :, None, None]

    def rates(_, y):
        Q, R = y[: K * K].reshape(K, K), y[K * K :].reshape(K, M)
        C = np.block([[Q, R], [R.T, np.eye(M)]])
        P, d = C[:K], 1 + np.diag(C)
        c12, c13, c23 = P[:, :, None], P[:, None, :], C[None]
        one = d[:K, None, None]
        three = c23 * one - c12 * c13
        I3 = 2 / np.pi * three / (one * np.sqrt(one * d - c13 * c13))
        pull = eta * I3 @ u
        L4 = np.outer(d[:K], d[:K]) - Q * Q
        i3, k3 = P[:, None, :, None], P[None, :, :, None]
        i4, k4 = P[:, None, None, :], P[None, :, None, :]
        di, dk, q, det = d[:K, None, None, None], d[None, :K, None, None], Q[ahead], L4[ahead]
        L0 = det * C - k3 * k4 * di - i3 * i4 * dk + q * (i3 * k4 + i4 * k3)
        p3, pk = P[:, None, :], P[None, :, :]
        L1 = L4[:, :, None] * d - pk * pk * d[:K, None, None] - p3 * p3 * d[None, :K, None]
        L1 += 2 * Q[:, :, None] * p3 * pk
        cosine = L0 / np.sqrt(L1[..., :, None] * L1[..., None, :])
        I4 = 4 / np.pi**2 / np.sqrt(det) * np.arcsin(np.clip(cosine, -1, 1))
        noise = I4 @ u @ u + sigma**2 * 2 / np.pi / np.sqrt(L4)
        dQ = pull[:, :K] + pull[:, :K].T + eta**2 * noise
        return np.concatenate([dQ.ravel(), pull[:, K:].ravel()])

    begin = time.process_time()
    start = np.concatenate([Q.ravel(), R.ravel()])
    solve_ivp(rates, (0, end), start, method="LSODA", rtol=rtol, atol=rtol * 1e-4)
    return (time.process_time() - begin) * 1e3


def median(measure):
    return statistics.median(measure() for _ in range(5))


def main():
    peers = {}
    row = "{:<22} {:<18} {:>10} {:>12} {:>9}"
    print(row.format("", "", "ours", "peer", "ratio"))
    for line in sys.stdin:
        kind, K, M, size, label, value = line.split()
        case = (kind, int(K), int(M), int(size))
        if case not in peers:
            # Nobody else simulates SGD through the order parameters.
            peer = {"sgd": sgd_numpy, "ode": ode_scipy, "reduced": None}[kind]
            missing = peer is None or np is None or (kind == "ode" and solve_ivp is None)
            peers[case] = None if missing else median(lambda: peer(*case[1:]))
        unit, letter = {
            "sgd": ("us/step", "N"), "ode": ("ms", "alpha"), "reduced": ("ns/step", "N")
        }[kind]
        name = f"{kind} K={K} M={M} {letter}={size}"
        peer, ours = peers[case], float(value)
        print(
            row.format(
                name, label, f"{ours:.3g} {unit}", f"{peer:.3g}" if peer else "-",
                f"{peer / ours:.1f}x" if peer else "-",
            ),
            flush=True,
        )
    print("\npeers: SGD in NumPy (double precision); LSODA of SciPy, rtol 1e-6, on a NumPy rate")
    if np is None or solve_ivp is None:
        print("for the missing columns: pip install numpy scipy")


main()
