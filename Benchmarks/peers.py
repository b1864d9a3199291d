"""What others take for the same work: SGD and the equations in NumPy, SciPy, numba and JAX, small
programs in CPython. One thread each, processor time.

Every function returns None where its package is missing. The networks are those of `bench`: erf,
eta = 0.2, sigma = 0.1, second layers of ones.
"""

import math
import os
import time

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[name] = "1"
os.environ["XLA_FLAGS"] = (
    "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")
os.environ["JAX_PLATFORMS"] = "cpu"
os.environ["JAX_ENABLE_X64"] = "1"


def optional(name):
    try:
        return __import__(name, fromlist=["_"])
    except ImportError:
        return None


np = optional("numpy")
scipy_integrate = np and optional("scipy.integrate")
numba = np and optional("numba")
jax = np and optional("jax")
ETA, SIGMA = 0.2, 0.1

INSTALL = "scripts/bench --install-peers"
MISSING = [name for name, module in (
    ("numpy", np), ("scipy", scipy_integrate), ("numba", numba), ("jax", jax)) if module is None]


def processor_seconds(body):
    begin = time.process_time()
    result = body()
    return time.process_time() - begin, result


# Online SGD: microseconds per step, inputs and labels' noise drawn in the loop.


def networks(K, M, N, dtype="float64"):
    rng = np.random.default_rng(1)
    return rng.standard_normal((K, N)).astype(dtype), rng.standard_normal((M, N)).astype(dtype)


def sgd_numpy(K, M, N):
    rng = np.random.default_rng(1)
    w, teacher = networks(K, M, N)
    root, slope = math.sqrt(N), math.sqrt(2 / math.pi)
    v, v_star = np.ones(K), np.ones(M)
    erf = np.vectorize(lambda x: math.erf(x / math.sqrt(2)), otypes=[float])
    steps = max(200, 10_000_000 // (N * K))

    def loop():
        nonlocal w
        for _ in range(steps):
            x = rng.standard_normal(N)
            field = w @ x / root
            delta = v @ erf(field) - v_star @ erf(teacher @ x / root)
            delta -= SIGMA * rng.standard_normal()
            gradient = v * slope * np.exp(-field * field / 2) * delta
            w -= np.outer(ETA / root * gradient, x)

    return processor_seconds(loop)[0] / steps * 1e6


_compiled = {}


def sgd_numba(K, M, N):
    if "sgd" not in _compiled:

        @numba.njit(fastmath=True)
        def loop(w, teacher, steps):
            K, N = w.shape
            M = teacher.shape[0]
            root, slope = math.sqrt(N), math.sqrt(2 / math.pi)
            x, field = np.empty(N), np.empty(K)
            for _ in range(steps):
                for n in range(N):
                    x[n] = np.random.standard_normal()
                delta = -SIGMA * np.random.standard_normal()
                for k in range(K):
                    s = 0.0
                    for n in range(N):
                        s += w[k, n] * x[n]
                    field[k] = s / root
                    delta += math.erf(field[k] / math.sqrt(2.0))
                for m in range(M):
                    s = 0.0
                    for n in range(N):
                        s += teacher[m, n] * x[n]
                    delta -= math.erf(s / root / math.sqrt(2.0))
                for k in range(K):
                    c = ETA / root * slope * math.exp(-field[k] * field[k] / 2) * delta
                    for n in range(N):
                        w[k, n] -= c * x[n]

        _compiled["sgd"] = loop
    loop = _compiled["sgd"]
    w, teacher = networks(K, M, N)
    loop(w, teacher, 2)
    steps = max(200, 40_000_000 // (N * K))
    return processor_seconds(lambda: loop(w, teacher, steps))[0] / steps * 1e6


def sgd_jax(K, M, N, dtype):
    jnp, erf = jax.numpy, jax.scipy.special.erf
    root, slope = math.sqrt(N), math.sqrt(2 / math.pi)
    steps = max(200, 10_000_000 // (N * K))
    key = (K, M, N, dtype)
    if key not in _compiled:

        @jax.jit
        def run(w, teacher, seed):
            def step(w, key):
                a, b = jax.random.split(key)
                x = jax.random.normal(a, (N,), dtype)
                field = w @ x / root
                delta = erf(field / math.sqrt(2)).sum() - erf(
                    teacher @ x / root / math.sqrt(2)).sum()
                delta -= SIGMA * jax.random.normal(b, (), dtype)
                gradient = slope * jnp.exp(-field * field / 2) * delta
                return w - jnp.outer(ETA / root * gradient, x), None

            return jax.lax.scan(step, w, jax.random.split(seed, steps))[0]

        run(*map(jnp.asarray, networks(K, M, N, dtype)), jax.random.key(1)).block_until_ready()
        _compiled[key] = run
    run = _compiled[key]
    w, teacher = map(jnp.asarray, networks(K, M, N, dtype))
    body = lambda: run(w, teacher, jax.random.key(1)).block_until_ready()
    return processor_seconds(body)[0] / steps * 1e6


SGD = [
    ("NumPy float64", np, sgd_numpy),
    ("numba float64", numba, sgd_numba),
    ("JAX float64", jax, lambda K, M, N: sgd_jax(K, M, N, "float64")),
    ("JAX float32", jax, lambda K, M, N: sgd_jax(K, M, N, "float32")),
]


# The equations (Saad and Solla 1995) from a given start; milliseconds and the error of eg.


def generalisation_error(y, K, M):
    Q, R = y[: K * K].reshape(K, K), y[K * K :].reshape(K, M)
    C = np.block([[Q, R], [R.T, np.eye(M)]])
    u = np.concatenate([np.ones(K), -np.ones(M)])
    root = np.sqrt(1 + np.diag(C))
    return u @ np.arcsin(C / np.outer(root, root)) @ u / math.pi


def rates_numpy(K, M):
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
        pull = ETA * I3 @ u
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
        noise = I4 @ u @ u + SIGMA**2 * 2 / np.pi / np.sqrt(L4)
        dQ = pull[:, :K] + pull[:, :K].T + ETA**2 * noise
        return np.concatenate([dQ.ravel(), pull[:, K:].ravel()])

    return rates


def rates_numba(K, M):
    if "rates" not in _compiled:

        @numba.njit(fastmath=True)
        def rates(y, K, M):
            U = K + M
            C, u = np.zeros((U, U)), np.ones(U)
            for i in range(K):
                u[i] = -1.0
                for k in range(K):
                    C[i, k] = y[i * K + k]
                for m in range(M):
                    C[i, K + m] = y[K * K + i * M + m]
                    C[K + m, i] = C[i, K + m]
            for m in range(M):
                C[K + m, K + m] = 1.0
            pull = np.zeros((K, U))
            for i in range(K):
                one = 1 + C[i, i]
                for j in range(U):
                    for a in range(U):
                        three = C[j, a] * one - C[i, j] * C[i, a]
                        root = math.sqrt(one * (1 + C[a, a]) - C[i, a] * C[i, a])
                        pull[i, j] += u[a] * 2 / math.pi * three / (one * root)
            out = np.empty(K * K + K * M)
            ia, ka, L1 = np.empty(U), np.empty(U), np.empty(U)
            for i in range(K):
                for k in range(i + 1):
                    q, di, dk = C[i, k], 1 + C[i, i], 1 + C[k, k]
                    det = di * dk - q * q
                    for a in range(U):
                        ia[a], ka[a] = C[i, a], C[k, a]
                        L1[a] = (det * (1 + C[a, a]) - ka[a] * ka[a] * di
                                 - ia[a] * ia[a] * dk + 2 * q * ia[a] * ka[a])
                    noise = 0.0
                    for a in range(U):
                        for b in range(a + 1):
                            L0 = (det * C[a, b] - ka[a] * ka[b] * di - ia[a] * ia[b] * dk
                                  + q * (ia[a] * ka[b] + ia[b] * ka[a]))
                            cosine = min(1.0, max(-1.0, L0 / math.sqrt(L1[a] * L1[b])))
                            term = u[a] * u[b] * math.asin(cosine)
                            noise += term if a == b else 2 * term
                    noise = (noise * 4 / math.pi**2 + SIGMA**2 * 2 / math.pi) / math.sqrt(det)
                    out[i * K + k] = ETA * (pull[i, k] + pull[k, i]) + ETA**2 * noise
                    out[k * K + i] = out[i * K + k]
                for m in range(M):
                    out[K * K + i * M + m] = ETA * pull[i, K + m]
            return out

        _compiled["rates"] = rates
    compiled = _compiled["rates"]
    compiled(np.concatenate([np.eye(K).ravel(), np.zeros(K * M)]), K, M)
    return lambda _, y: compiled(y, K, M)


def solve(make, method, rtol, K, M, start, alphas, reference):
    """Milliseconds, and the largest relative error of eg at the values of alpha."""
    rates = make(K, M)
    seconds, solution = processor_seconds(lambda: scipy_integrate.solve_ivp(
        rates, (0, alphas[-1]), np.array(start), method=method, rtol=rtol, atol=rtol * 1e-4,
        t_eval=alphas))
    error = max(
        abs(generalisation_error(y, K, M) / exact - 1)
        for y, exact in zip(solution.y.T, reference))
    return seconds * 1e3, error


def ode(make, method, rtol):
    return lambda *case: solve(make, method, rtol, *case)


ODE = [
    ("SciPy LSODA 1e-6, NumPy", scipy_integrate, 8, ode(rates_numpy, "LSODA", 1e-6)),
    ("SciPy LSODA 1e-6, numba", numba and scipy_integrate, 16, ode(rates_numba, "LSODA", 1e-6)),
    ("SciPy DOP853 1e-8, numba", numba and scipy_integrate, 16, ode(rates_numba, "DOP853", 1e-8)),
]


# The same programs as `LanguageBench.swift`, in CPython.


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def loop():
    i = s = 0.0
    while i < 1000000:
        s = s + i
        i = i + 1
    return s


def polynomial():
    s = 0.0
    for i in range(1, 1000001):
        s = s + i * i / (i + 1) - 2 * i
    return s


def roots():
    s = 0.0
    sqrt = math.sqrt
    for i in range(1, 1000001):
        s = s + sqrt(i)
    return s


def counts():
    xs = [1, 2]
    s = 0
    for i in range(1, 1000001):
        s = s + len(xs)
    return s


def replaced():
    xs = [0] * 1000
    for i in range(1, 300001):
        xs[i % 1000] = i
    return xs


# Each with its number of rounds.
LANGUAGE = {
    "fib(27)": (lambda: fib(27), 1),
    "while, a round": (loop, 1e6),
    "for with five operations, a round": (polynomial, 1e6),
    "list of squares, an element": (lambda: [float(x) * x for x in range(1000000)], 1e6),
    "sqrt(i), a round": (roots, 1e6),
    "count(xs), a round": (counts, 1e6),
    "xs[j] = i, a round": (replaced, 3e5),
    "closure made and called": (
        lambda: sum(f(1) for f in [lambda x, i=i: x + i for i in range(300000)]), 3e5),
    "string of a number, joined": (
        lambda: len(",".join([f"{i}" for i in range(100000)])), 1e5),
}


def language(name):
    """Milliseconds for fib, nanoseconds for a round of the others."""
    body, rounds = LANGUAGE[name]
    seconds = processor_seconds(body)[0]
    return seconds * 1e3 if name.startswith("fib") else seconds / rounds * 1e9
