// Symmetric eigensolver, f64. AssemblyScript port of eigh2.c. All pointers are byte addresses into linear memory.
const EPS: f64 = 2.220446049250313e-16;
const HEPS: f64 = 1.1102230246251565e-16;

// ---- bump allocator (mark/release), independent of the AS runtime
let hp: usize = 0;
export function alloc(n: usize): usize {
  if (hp == 0) hp = (__heap_base + 63) & ~63;
  const p = hp;
  hp += (n + 63) & ~63;
  const need = <i32>((hp + 65535) >> 16), have = memory.size();
  if (need > have && memory.grow(need - have) < 0) unreachable();
  return p;
}
export function mark(): usize { return hp; }
export function rel(m: usize): void { hp = m; }
export function reset(): void { hp = 0; }

// @ts-ignore: decorator
@inline function g(p: usize, i: i32): f64 { return load<f64>(p + (<usize>i << 3)); }
// @ts-ignore: decorator
@inline function put(p: usize, i: i32, v: f64): void { store<f64>(p + (<usize>i << 3), v); }
// @ts-ignore: decorator
@inline function gi(p: usize, i: i32): i32 { return load<i32>(p + (<usize>i << 2)); }
// @ts-ignore: decorator
@inline function pi(p: usize, i: i32, v: i32): void { store<i32>(p + (<usize>i << 2), v); }
// @ts-ignore: decorator
@inline function row(p: usize, r: i32, ld: i32): usize { return p + ((<usize>r * <usize>ld) << 3); }
// @ts-ignore: decorator
@inline function hs(a: v128): f64 { return f64x2.extract_lane(a, 0) + f64x2.extract_lane(a, 1); }
// @ts-ignore: decorator
@inline function madd(acc: v128, a: v128, b: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return v128.relaxed_madd<f64>(a, b, acc);
  return f64x2.add(acc, f64x2.mul(a, b));
}
// @ts-ignore: decorator
@inline function nmadd(acc: v128, a: v128, b: v128): v128 { // acc - a*b
  if (ASC_FEATURE_RELAXED_SIMD) return v128.relaxed_nmadd<f64>(a, b, acc);
  return f64x2.sub(acc, f64x2.mul(a, b));
}
// @ts-ignore: decorator
@inline function copysign(a: f64, s: f64): f64 { return f64.copysign(a, s); }

function dot(a: usize, b: usize, n: i32): f64 {
  let s = f64x2.splat(0), t = s;
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const o = <usize>i << 3;
    s = madd(s, v128.load(a + o), v128.load(b + o));
    t = madd(t, v128.load(a + o, 16), v128.load(b + o, 16));
  }
  let r = hs(f64x2.add(s, t));
  for (; i < n; i++) r += g(a, i) * g(b, i);
  return r;
}
function axpyRow(rr: usize, a: f64, wp: usize, b: f64, vp: usize, n: i32): void {
  for (let j = 0; j < n; j++) put(rr, j, g(rr, j) - (a * g(wp, j) + b * g(vp, j)));
}

// A: n x n row-major, lower triangle. Householder reduction from the bottom row upwards.
export function tridiag(A: usize, n: i32, d: usize, e: usize, tau: usize, V: usize): void {
  const mk = hp;
  const nb = (<usize>n << 3) + 64;
  const p = alloc(nb), vp = alloc(nb), wp = alloc(nb);
  let have = false;
  put(e, 0, 0); put(tau, 0, 0);
  for (let i = n - 1; i >= 1; i--) {
    const ri = row(A, i, n);
    if (have) axpyRow(ri, g(vp, i), wp, g(wp, i), vp, i + 1);
    put(d, i, g(ri, i));
    const v = row(V, i, n);
    const m = i;
    const xn = dot(ri, ri, m - 1);
    const al = g(ri, m - 1);
    if (xn < 1e-280) { // input is scaled to max|a|=1: such a row is zero to working accuracy
      put(tau, i, 0); put(e, i, al);
      memory.fill(v, 0, <usize>m << 3);
      if (have) {
        for (let r = 0; r < i; r++) axpyRow(row(A, r, n), g(vp, r), wp, g(wp, r), vp, r + 1);
        have = false;
      }
      continue;
    }
    const be = -copysign(sqrt(al * al + xn), al);
    const t = (be - al) / be, sc = 1.0 / (al - be);
    for (let j = 0; j < m - 1; j++) put(v, j, g(ri, j) * sc);
    put(v, m - 1, 1); put(tau, i, t); put(e, i, be);
    memory.fill(p, 0, <usize>m << 3);
    let r = 0;
    for (; r + 1 < m; r += 2) {
      const r0 = row(A, r, n), r1 = r0 + (<usize>n << 3);
      let acc0 = f64x2.splat(0), acc1 = acc0;
      const x0 = v128.load64_splat(v + (<usize>r << 3)), x1 = v128.load64_splat(v + (<usize>r << 3), 8);
      const r8 = <usize>r << 3;
      if (have) {
        const a0 = f64x2.splat(g(vp, r)), b0 = f64x2.splat(g(wp, r)), a1 = f64x2.splat(g(vp, r + 1)), b1 = f64x2.splat(g(wp, r + 1));
        for (let o: usize = 0; o < r8; o += 16) {
          const w = v128.load(wp + o), q = v128.load(vp + o), vv = v128.load(v + o);
          const y0 = nmadd(nmadd(v128.load(r0 + o), a0, w), b0, q);
          v128.store(r0 + o, y0);
          const y1 = nmadd(nmadd(v128.load(r1 + o), a1, w), b1, q);
          v128.store(r1 + o, y1);
          acc0 = madd(acc0, y0, vv);
          acc1 = madd(acc1, y1, vv);
          v128.store(p + o, madd(madd(v128.load(p + o), y0, x0), y1, x1));
        }
        put(r0, r, g(r0, r) - 2 * g(vp, r) * g(wp, r));
        put(r1, r, g(r1, r) - (g(vp, r + 1) * g(wp, r) + g(wp, r + 1) * g(vp, r)));
        put(r1, r + 1, g(r1, r + 1) - 2 * g(vp, r + 1) * g(wp, r + 1));
      } else {
        for (let o: usize = 0; o < r8; o += 16) {
          const vv = v128.load(v + o), y0 = v128.load(r0 + o), y1 = v128.load(r1 + o);
          acc0 = madd(acc0, y0, vv);
          acc1 = madd(acc1, y1, vv);
          v128.store(p + o, madd(madd(v128.load(p + o), y0, x0), y1, x1));
        }
      }
      put(p, r, g(p, r) + hs(acc0) + g(r0, r) * g(v, r) + g(r1, r) * g(v, r + 1));
      put(p, r + 1, g(p, r + 1) + hs(acc1) + g(r1, r) * g(v, r) + g(r1, r + 1) * g(v, r + 1));
    }
    if (r < m) {
      const r0 = row(A, r, n);
      if (have) axpyRow(r0, g(vp, r), wp, g(wp, r), vp, r + 1);
      let s = 0.0;
      const vr = g(v, r);
      for (let j = 0; j < r; j++) { const a = g(r0, j); s += a * g(v, j); put(p, j, g(p, j) + a * vr); }
      put(p, r, g(p, r) + s + g(r0, r) * vr);
    }
    let k = 0.0;
    for (let j = 0; j < m; j++) { const x = g(p, j) * t; put(p, j, x); k += x * g(v, j); }
    k *= 0.5 * t;
    for (let j = 0; j < m; j++) put(wp, j, g(p, j) - k * g(v, j));
    memory.copy(vp, v, <usize>m << 3);
    have = true;
  }
  if (have) put(A, 0, g(A, 0) - 2 * g(vp, 0) * g(wp, 0));
  put(d, 0, g(A, 0));
  hp = mk;
}

let flr: f64 = 0; // couplings below eps^2*||T|| are zero normwise; dropping them also keeps squares away from underflow
function clean(d: usize, e: usize, n: i32): void {
  let a = 0.0;
  for (let i = 0; i < n; i++) a = max(a, max(abs(g(d, i)), i ? abs(g(e, i)) : 0));
  flr = EPS * EPS * a;
  for (let i = 1; i < n; i++) if (abs(g(e, i)) <= flr) put(e, i, 0);
}
export function ql(d: usize, e: usize, n: i32, ZT: usize, ld: i32, m: i32): i32 { clean(d, e, n); return ql0(d, e, n, ZT, ld, m); }
export function dc(d: usize, e: usize, n: i32, QT: usize, ld: i32): i32 { clean(d, e, n); return dc0(d, e, n, QT, ld); }

// Implicit QL; e[i] couples i-1,i on entry. Rows of ZT (m columns) are rotated when ZT != 0.
// EISPACK criterion |e_i| <= eps(|d_i|+|d_{i+1}|); after 30 sweeps on one root also |e_i| <= eps*anorm; fails (1) after 120.
function ql0(d: usize, e: usize, n: i32, ZT: usize, ld: i32, m: i32): i32 {
  let anorm = 0.0;
  for (let i = 1; i < n; i++) put(e, i - 1, g(e, i));
  put(e, n - 1, 0);
  for (let i = 0; i < n; i++) anorm = max(anorm, max(abs(g(d, i)), abs(g(e, i))));
  const m16 = <usize>(m & ~1) << 3;
  for (let l = 0; l < n; l++) {
    let it = 0;
    while (true) {
      const floor = it > 30 ? EPS * anorm : flr;
      let mm = l;
      for (; mm < n - 1; mm++) {
        const ae = abs(g(e, mm));
        if (ae <= EPS * (abs(g(d, mm)) + abs(g(d, mm + 1))) || ae <= floor) break;
      }
      if (mm == l) break;
      if (it++ == 120) return 1;
      const el = g(e, l), dl = g(d, l);
      let gg = (g(d, l + 1) - dl) / (2 * el);
      let r = sqrt(gg * gg + 1);
      gg = it % 40 == 11 ? g(d, mm) - dl + 0.75 * abs(el) : g(d, mm) - dl + el / (gg + copysign(r, gg)); // exceptional shift
      let s = 1.0, c = 1.0, p = 0.0;
      let i = mm - 1;
      for (; i >= l; i--) {
        const ei = g(e, i);
        const f = s * ei, b = c * ei;
        r = f * f + gg * gg;
        r = r > 1e-280 * anorm * anorm ? sqrt(r) : 0;
        put(e, i + 1, r);
        if (r == 0) { put(d, i + 1, g(d, i + 1) - p); put(e, mm, 0); break; }
        const ir = 1 / r;
        s = f * ir; c = gg * ir;
        gg = g(d, i + 1) - p;
        r = (g(d, i) - gg) * s + 2 * c * b;
        p = s * r;
        put(d, i + 1, gg + p);
        gg = c * r - b;
        if (ZT) {
          const z0 = row(ZT, i, ld), z1 = z0 + (<usize>ld << 3);
          const C = f64x2.splat(c), Sv = f64x2.splat(s);
          for (let o: usize = 0; o < m16; o += 16) {
            const a = v128.load(z0 + o), bb = v128.load(z1 + o);
            v128.store(z1 + o, madd(f64x2.mul(Sv, a), C, bb));
            v128.store(z0 + o, nmadd(f64x2.mul(C, a), Sv, bb));
          }
          if (m & 1) {
            const k = m - 1, a = g(z0, k), bb = g(z1, k);
            put(z1, k, s * a + c * bb); put(z0, k, c * a - s * bb);
          }
        }
      }
      if (i >= l) continue;
      put(d, l, g(d, l) - p); put(e, l, gg); put(e, mm, 0);
    }
  }
  return 0;
}

// C(k x n) = A(k x p) * B(p x n)
export function gemm(A: usize, lda: i32, B: usize, ldb: i32, C: usize, ldc: i32, k: i32, p: i32, n: i32): void {
  const mk = hp;
  if (p == 0) { for (let i = 0; i < k; i++) memory.fill(row(C, i, ldc), 0, <usize>n << 3); return; }
  const bp = alloc(<usize>p * 32 + 64);
  const la = <usize>lda << 3, lb = <usize>ldb << 3, lc = <usize>ldc << 3;
  const tmp = alloc(128);
  for (let j = 0; j < n; j += 4) {
    const w = min(n - j, 4);
    let b = B + (<usize>j << 3), o = bp;
    if (w == 4) {
      for (let q = 0; q < p; q++, b += lb, o += 32) { v128.store(o, v128.load(b)); v128.store(o, v128.load(b, 16), 16); }
    } else {
      for (let q = 0; q < p; q++, b += lb, o += 32) for (let c = 0; c < 4; c++) put(o, c, c < w ? g(b, c) : 0);
    }
    let i = 0;
    const bend = bp + (<usize>p << 5);
    for (; i + 4 <= k; i += 4) {
      let a0 = A + <usize>i * la, a1 = a0 + la, a2 = a1 + la, a3 = a2 + la;
      let c00 = f64x2.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
      for (let bb = bp; bb < bend; bb += 32) {
        const b0 = v128.load(bb), b1 = v128.load(bb, 16);
        let x = v128.load64_splat(a0); c00 = madd(c00, x, b0); c01 = madd(c01, x, b1);
        x = v128.load64_splat(a1); c10 = madd(c10, x, b0); c11 = madd(c11, x, b1);
        x = v128.load64_splat(a2); c20 = madd(c20, x, b0); c21 = madd(c21, x, b1);
        x = v128.load64_splat(a3); c30 = madd(c30, x, b0); c31 = madd(c31, x, b1);
        a0 += 8; a1 += 8; a2 += 8; a3 += 8;
      }
      let cp = C + <usize>i * lc + (<usize>j << 3);
      if (w == 4) {
        v128.store(cp, c00); v128.store(cp, c01, 16); cp += lc;
        v128.store(cp, c10); v128.store(cp, c11, 16); cp += lc;
        v128.store(cp, c20); v128.store(cp, c21, 16); cp += lc;
        v128.store(cp, c30); v128.store(cp, c31, 16);
      } else {
        v128.store(tmp, c00); v128.store(tmp, c01, 16); v128.store(tmp, c10, 32); v128.store(tmp, c11, 48);
        v128.store(tmp, c20, 64); v128.store(tmp, c21, 80); v128.store(tmp, c30, 96); v128.store(tmp, c31, 112);
        for (let r = 0; r < 4; r++, cp += lc) for (let c = 0; c < w; c++) put(cp, c, g(tmp, r * 4 + c));
      }
    }
    for (; i < k; i++) for (let c = 0; c < w; c++) {
      let s = 0.0;
      const ar = A + <usize>i * la;
      for (let q = 0; q < p; q++) s += g(ar, q) * g(bp, q * 4 + c);
      put(C + <usize>i * lc, j + c, s);
    }
  }
  hp = mk;
}

let secit: i32 = 0;
export function secits(): i32 { return secit; }

// Root j of 1/rho + sum z2_i/(D_i - x) = 0; writes del_i = D_i - lambda; returns lambda.
function secular(k: i32, j: i32, Dv: usize, z2: usize, rho: f64, del: usize, znorm2: f64): f64 {
  const ri = 1 / rho;
  if (k == 1) { put(del, 0, -rho * g(z2, 0)); return g(Dv, 0) + rho * g(z2, 0); }
  const last = j == k - 1;
  const Dj = g(Dv, j);
  const gap = last ? rho * znorm2 : g(Dv, j + 1) - Dj, mid = gap * 0.5;
  let w = ri;
  for (let i = 0; i < k; i++) w += g(z2, i) / ((g(Dv, i) - Dj) - mid);
  let jl: i32, jr: i32, org: i32, lo: f64, hi: f64, y: f64;
  if (last) {
    jl = k - 2; jr = k - 1; org = k - 1; y = mid;
    if (w <= 0) { lo = mid; hi = gap; } else { lo = 0; hi = mid; }
  } else {
    jl = j; jr = j + 1;
    if (w >= 0) { org = j; lo = 0; hi = mid; y = mid; } else { org = j + 1; lo = -mid; hi = 0; y = -mid; }
  }
  const o = g(Dv, org);
  {
    const dl = g(Dv, jl) - o, dr = g(Dv, jr) - o, zl = g(z2, jl), zr = g(z2, jr);
    const c = w - zl / (dl - y) - zr / (dr - y);
    const a = c * (dl + dr) + zl + zr, b = c * dl * dr + zl * dr + zr * dl;
    const di = sqrt(max(a * a - 4 * b * c, 0));
    const x1 = last ? (a >= 0 ? (a + di) / (2 * c) : (2 * b) / (a - di)) : (a <= 0 ? (a - di) / (2 * c) : (2 * b) / (a + di));
    y = x1 > lo && x1 < hi ? x1 : 0.5 * (lo + hi);
  }
  const s = last ? k - 1 : j + 1;
  const O = f64x2.splat(o);
  for (let it = 0; it < 80; it++) {
    secit++;
    const Y = f64x2.splat(y);
    let P = f64x2.splat(0), Q = P;
    let i = 0;
    for (; i + 2 <= s; i += 2) {
      const q8 = <usize>i << 3;
      const t = f64x2.sub(f64x2.sub(v128.load(Dv + q8), O), Y);
      v128.store(del + q8, t);
      const q = f64x2.div(v128.load(z2 + q8), t);
      P = f64x2.add(P, q); Q = f64x2.add(Q, f64x2.div(q, t));
    }
    let psi = hs(P), dpsi = hs(Q);
    for (; i < s; i++) { const t = (g(Dv, i) - o) - y; put(del, i, t); const q = g(z2, i) / t; psi += q; dpsi += q / t; }
    P = f64x2.splat(0); Q = P;
    for (; i + 2 <= k; i += 2) {
      const q8 = <usize>i << 3;
      const t = f64x2.sub(f64x2.sub(v128.load(Dv + q8), O), Y);
      v128.store(del + q8, t);
      const q = f64x2.div(v128.load(z2 + q8), t);
      P = f64x2.add(P, q); Q = f64x2.add(Q, f64x2.div(q, t));
    }
    let phi = hs(P), dphi = hs(Q);
    for (; i < k; i++) { const t = (g(Dv, i) - o) - y; put(del, i, t); const q = g(z2, i) / t; phi += q; dphi += q / t; }
    w = ri + psi + phi;
    const er = 8 * (abs(psi) + abs(phi)) + ri + abs(y) * (dpsi + dphi);
    if (abs(w) <= HEPS * er) break;
    if (w < 0) { if (y > lo) lo = y; } else { if (y < hi) hi = y; }
    if (hi - lo <= EPS * max(abs(hi), abs(lo))) break;
    const d1 = g(del, jl), d2 = g(del, jr);
    let c = w - d1 * dpsi - d2 * dphi;
    if (last && c < 0) c = -c;
    const a = (d1 + d2) * w - d1 * d2 * (dpsi + dphi), b = d1 * d2 * w;
    const di = sqrt(abs(a * a - 4 * b * c));
    let eta = last ? (a >= 0 ? (a + di) / (2 * c) : 2 * b / (a - di)) : (a <= 0 ? (a - di) / (2 * c) : 2 * b / (a + di));
    if (!(w * eta < 0)) eta = -w / (dpsi + dphi);
    let ny = y + eta;
    if (!(ny > lo && ny < hi)) ny = 0.5 * (lo + hi);
    if (ny == y) break;
    y = ny;
  }
  for (let i = 0; i < k; i++) put(del, i, (g(Dv, i) - o) - y);
  return o + y;
}

function swapRows(a: usize, b: usize, n: i32): void {
  for (let c = 0; c < n; c++) { const t = g(a, c); put(a, c, g(b, c)); put(b, c, t); }
}

// Divide and conquer for the tridiagonal (d, e[1..n-1]); d ascending on exit, eigenvectors in the rows of QT.
function dc0(d: usize, e: usize, n: i32, QT: usize, ld: i32): i32 {
  if (n <= 32) {
    for (let i = 0; i < n; i++) { memory.fill(row(QT, i, ld), 0, <usize>n << 3); put(row(QT, i, ld), i, 1); }
    const rc = ql0(d, e, n, QT, ld, n);
    for (let i = 0; i < n - 1; i++) {
      let k = i;
      for (let j = i + 1; j < n; j++) if (g(d, j) < g(d, k)) k = j;
      if (k != i) { const t = g(d, i); put(d, i, g(d, k)); put(d, k, t); swapRows(row(QT, i, ld), row(QT, k, ld), n); }
    }
    return rc;
  }
  const m = n >> 1;
  const em = g(e, m);
  let rho = abs(em);
  const sg: f64 = em < 0 ? -1 : 1;
  put(d, m - 1, g(d, m - 1) - rho); put(d, m, g(d, m) - rho);
  if (dc0(d, e, m, QT, ld)) return 1;
  if (dc0(d + (<usize>m << 3), e + (<usize>m << 3), n - m, row(QT, m, ld) + (<usize>m << 3), ld)) return 1;
  const mk = hp;
  const n8 = (<usize>n << 3) + 16, n4 = <usize>n << 2;
  const z = alloc(n8), Z = alloc(n8), z2 = alloc(n8), Dn = alloc(n8), lam = alloc(n8), dl = alloc(n8);
  const ord = alloc(n4), typ = alloc(n4), nd = alloc(n4), df = alloc(n4);
  for (let i = 0; i < m; i++) { put(z, i, g(row(QT, i, ld), m - 1) * 0.70710678118654752); pi(typ, i, 1); }
  for (let i = m; i < n; i++) { put(z, i, sg * g(row(QT, i, ld), m) * 0.70710678118654752); pi(typ, i, 3); }
  rho *= 2;
  {
    let a = 0, b = m, k = 0;
    while (a < m && b < n) pi(ord, k++, g(d, a) <= g(d, b) ? a++ : b++);
    while (a < m) pi(ord, k++, a++);
    while (b < n) pi(ord, k++, b++);
  }
  let mx = 0.0, zm = 0.0;
  for (let i = 0; i < n; i++) { mx = max(mx, abs(g(d, i))); zm = max(zm, abs(g(z, i))); }
  const tol = 8 * HEPS * max(mx, zm);
  let k = 0, nf = 0, pj = -1;
  for (let t = 0; t < n; t++) {
    const j = gi(ord, t);
    if (rho * abs(g(z, j)) <= tol) { pi(df, nf++, j); continue; }
    if (pj < 0) { pj = j; continue; }
    let s = g(z, pj), c = g(z, j);
    const ta = sqrt(c * c + s * s), tt = g(d, j) - g(d, pj);
    c /= ta; s = -s / ta;
    if (abs(tt * c * s) <= tol) {
      put(z, j, ta); put(z, pj, 0);
      const ra = row(QT, pj, ld), rb = row(QT, j, ld);
      const tp = gi(typ, pj), tj = gi(typ, j);
      if (tp != tj) {
        if (tp == 1) memory.fill(ra + (<usize>m << 3), 0, <usize>(n - m) << 3); else if (tp == 3) memory.fill(ra, 0, <usize>m << 3);
        if (tj == 1) memory.fill(rb + (<usize>m << 3), 0, <usize>(n - m) << 3); else if (tj == 3) memory.fill(rb, 0, <usize>m << 3);
        pi(typ, pj, 2); pi(typ, j, 2);
      }
      const ty = gi(typ, j), c0 = ty == 3 ? m : 0, c1 = ty == 1 ? m : n;
      for (let x = c0; x < c1; x++) { const u = g(ra, x), v = g(rb, x); put(ra, x, c * u + s * v); put(rb, x, c * v - s * u); }
      const dp = g(d, pj), dj = g(d, j);
      put(d, j, dp * s * s + dj * c * c); put(d, pj, dp * c * c + dj * s * s);
      pi(df, nf++, pj); pj = j;
    } else { pi(nd, k++, pj); pj = j; }
  }
  if (pj >= 0) pi(nd, k++, pj);
  let n1 = 0, n2 = 0, n3 = 0;
  for (let i = 0; i < k; i++) { const ty = gi(typ, gi(nd, i)); if (ty == 1) n1++; else if (ty == 2) n2++; else n3++; }
  let NQ: usize = 0;
  if (k > 0) {
    const pos = alloc(<usize>k << 2);
    let a = 0, b = n1, c = n1 + n2;
    for (let i = 0; i < k; i++) { const ty = gi(typ, gi(nd, i)); pi(pos, i, ty == 1 ? a++ : ty == 2 ? b++ : c++); }
    let zn = 0.0;
    for (let i = 0; i < k; i++) {
      const q = gi(nd, i), zz = g(z, q);
      put(Dn, i, g(d, q)); put(Z, i, zz); put(z2, i, zz * zz); zn += zz * zz;
    }
    const kk = ((<usize>k * <usize>k) << 3) + 64;
    const del = alloc(kk);
    for (let j = 0; j < k; j++) put(lam, j, secular(k, j, Dn, z2, rho, row(del, j, k), zn));
    const wh = alloc((<usize>k << 3) + 16);
    for (let i = 0; i < k; i++) put(wh, i, g(row(del, i, k), i));
    for (let j = 0; j < k; j++) {
      const dj = row(del, j, k), Dj = g(Dn, j);
      for (let i = 0; i < j; i++) put(wh, i, g(wh, i) * (g(dj, i) / (g(Dn, i) - Dj)));
      for (let i = j + 1; i < k; i++) put(wh, i, g(wh, i) * (g(dj, i) / (g(Dn, i) - Dj)));
    }
    for (let i = 0; i < k; i++) put(wh, i, copysign(sqrt(abs(g(wh, i))), g(Z, i)));
    const Sm = alloc(kk);
    for (let j = 0; j < k; j++) {
      const dj = row(del, j, k), sj = row(Sm, j, k);
      let nn = 0.0;
      for (let i = 0; i < k; i++) { const v = g(wh, i) / g(dj, i); put(dj, i, v); nn += v * v; }
      nn = 1 / sqrt(nn);
      for (let i = 0; i < k; i++) put(sj, gi(pos, i), g(dj, i) * nn);
    }
    const G = alloc(((<usize>k * <usize>n) << 3) + 64);
    for (let i = 0; i < k; i++) {
      const q = gi(nd, i), ty = gi(typ, q), c0 = ty == 3 ? m : 0, c1 = ty == 1 ? m : n;
      memory.copy(row(G, gi(pos, i), n) + (<usize>c0 << 3), row(QT, q, ld) + (<usize>c0 << 3), <usize>(c1 - c0) << 3);
    }
    NQ = alloc(((<usize>k * <usize>n) << 3) + 64);
    gemm(Sm, k, G, n, NQ, n, k, n1 + n2, m);
    gemm(Sm + (<usize>n1 << 3), k, row(G, n1, n) + (<usize>m << 3), n, NQ + (<usize>m << 3), n, k, n2 + n3, n - m);
  }
  const DQ = alloc((<usize>max(nf, 1) * <usize>n) << 3);
  for (let i = 0; i < nf; i++) {
    const r = gi(df, i), ty = gi(typ, r), c0 = ty == 3 ? m : 0, c1 = ty == 1 ? m : n;
    const dst = row(DQ, i, n);
    memory.fill(dst, 0, <usize>n << 3);
    memory.copy(dst + (<usize>c0 << 3), row(QT, r, ld) + (<usize>c0 << 3), <usize>(c1 - c0) << 3);
    put(dl, i, g(d, r));
  }
  for (let i = 0; i < nf; i++) pi(df, i, i);
  for (let i = 1; i < nf; i++) {
    const v = gi(df, i);
    let q = i - 1;
    while (q >= 0 && g(dl, gi(df, q)) > g(dl, v)) { pi(df, q + 1, gi(df, q)); q--; }
    pi(df, q + 1, v);
  }
  let a = 0, b = 0;
  for (let t = 0; t < n; t++) {
    let src: usize;
    if (b >= nf || (a < k && g(lam, a) <= g(dl, gi(df, b)))) { src = row(NQ, a, n); put(d, t, g(lam, a++)); }
    else { const q = gi(df, b++); src = row(DQ, q, n); put(d, t, g(dl, q)); }
    memory.copy(row(QT, t, ld), src, <usize>n << 3);
  }
  hp = mk;
  return 0;
}

// Rows of Z (eigenvectors of T) <- eigenvectors of A: apply H_1, H_2, ...
export function back(V: usize, tau: usize, n: i32, Z: usize, ld: i32, nv: i32): void {
  const RB = 24;
  const l8 = <usize>ld << 3;
  for (let i0 = 1; i0 < n; i0 += RB) {
    const i1 = min(i0 + RB, n);
    let r = 0;
    for (; r + 4 <= nv; r += 4) {
      const z0 = row(Z, r, ld), z1 = z0 + l8, z2 = z1 + l8, z3 = z2 + l8;
      for (let i = i0; i < i1; i++) {
        const t = g(tau, i);
        if (t == 0) continue;
        const v = row(V, i, n);
        const m16 = <usize>(i & ~1) << 3, j = i & ~1;
        let s0 = f64x2.splat(0), s1 = s0, s2 = s0, s3 = s0;
        for (let o: usize = 0; o < m16; o += 16) {
          const x = v128.load(v + o);
          s0 = madd(s0, x, v128.load(z0 + o)); s1 = madd(s1, x, v128.load(z1 + o));
          s2 = madd(s2, x, v128.load(z2 + o)); s3 = madd(s3, x, v128.load(z3 + o));
        }
        let a = hs(s0), b = hs(s1), c = hs(s2), d = hs(s3);
        const odd = i & 1;
        const vj = odd ? g(v, j) : 0.0;
        if (odd) { a += vj * g(z0, j); b += vj * g(z1, j); c += vj * g(z2, j); d += vj * g(z3, j); }
        a *= t; b *= t; c *= t; d *= t;
        const A = f64x2.splat(a), B = f64x2.splat(b), C = f64x2.splat(c), E = f64x2.splat(d);
        for (let o: usize = 0; o < m16; o += 16) {
          const x = v128.load(v + o);
          v128.store(z0 + o, nmadd(v128.load(z0 + o), x, A)); v128.store(z1 + o, nmadd(v128.load(z1 + o), x, B));
          v128.store(z2 + o, nmadd(v128.load(z2 + o), x, C)); v128.store(z3 + o, nmadd(v128.load(z3 + o), x, E));
        }
        if (odd) { put(z0, j, g(z0, j) - vj * a); put(z1, j, g(z1, j) - vj * b); put(z2, j, g(z2, j) - vj * c); put(z3, j, g(z3, j) - vj * d); }
      }
    }
    for (; r < nv; r++) {
      const z = row(Z, r, ld);
      for (let i = i0; i < i1; i++) {
        const t = g(tau, i);
        if (t == 0) continue;
        const v = row(V, i, n), s = t * dot(v, z, i);
        for (let j = 0; j < i; j++) put(z, j, g(z, j) - s * g(v, j));
      }
    }
  }
}

// ---- blocked (compact WY) variant of back: Z <- Z (I - V^T T V), NB reflectors at a time, MB rows of Z at a time
const NB = 32, MB = 48;
// acc tile: 4 rows of A (stride la bytes, p entries) times a packed p x 4 panel; result added to/subtracted from out
// @ts-ignore: decorator
@inline function tile4(a0: usize, la: usize, bp: usize, p: i32, out: usize, lo: usize, sub: bool): void {
  let a1 = a0 + la, a2 = a1 + la, a3 = a2 + la;
  const bend = bp + (<usize>p << 5);
  let c00 = f64x2.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
  for (let bb = bp; bb < bend; bb += 32) {
    const b0 = v128.load(bb), b1 = v128.load(bb, 16);
    let x = v128.load64_splat(a0); c00 = madd(c00, x, b0); c01 = madd(c01, x, b1);
    x = v128.load64_splat(a1); c10 = madd(c10, x, b0); c11 = madd(c11, x, b1);
    x = v128.load64_splat(a2); c20 = madd(c20, x, b0); c21 = madd(c21, x, b1);
    x = v128.load64_splat(a3); c30 = madd(c30, x, b0); c31 = madd(c31, x, b1);
    a0 += 8; a1 += 8; a2 += 8; a3 += 8;
  }
  const o1 = out + lo, o2 = o1 + lo, o3 = o2 + lo;
  if (sub) {
    v128.store(out, f64x2.sub(v128.load(out), c00)); v128.store(out, f64x2.sub(v128.load(out, 16), c01), 16);
    v128.store(o1, f64x2.sub(v128.load(o1), c10)); v128.store(o1, f64x2.sub(v128.load(o1, 16), c11), 16);
    v128.store(o2, f64x2.sub(v128.load(o2), c20)); v128.store(o2, f64x2.sub(v128.load(o2, 16), c21), 16);
    v128.store(o3, f64x2.sub(v128.load(o3), c30)); v128.store(o3, f64x2.sub(v128.load(o3, 16), c31), 16);
  } else {
    v128.store(out, c00); v128.store(out, c01, 16); v128.store(o1, c10); v128.store(o1, c11, 16);
    v128.store(o2, c20); v128.store(o2, c21, 16); v128.store(o3, c30); v128.store(o3, c31, 16);
  }
}
function tileSet(a: usize, la: usize, bp: usize, p: i32, out: usize, lo: usize): void { tile4(a, la, bp, p, out, lo, false); }
function tileSub(a: usize, la: usize, bp: usize, p: i32, out: usize, lo: usize): void { tile4(a, la, bp, p, out, lo, true); }

export function backwy(V: usize, tau: usize, n: i32, Z: usize, ld: i32, nv: i32): void {
  if (nv < 4) { back(V, tau, n, Z, ld, nv); return; }
  const mk = hp;
  const l8 = <usize>ld << 3, mc = (n + 3) & ~3;
  const VT = alloc((<usize>NB * <usize>mc) << 3); // NB/4 panels of (mc x 4): columns = reflectors
  const VP = alloc((<usize>NB * <usize>mc) << 3); // mc/4 panels of (NB x 4): rows = reflectors
  const T = alloc(NB * NB * 8), TP = alloc(NB * NB * 8);
  const P = alloc(MB * NB * 8), P2 = alloc(MB * NB * 8), tmp = alloc(4 * 32);
  for (let i0 = 1; i0 < n; i0 += NB) {
    const nb = min(NB, n - i0), m = i0 + nb - 1, mp = (m + 3) >> 2; // longest reflector has m entries
    memory.fill(VT, 0, (<usize>NB * <usize>mc) << 3);
    memory.fill(VP, 0, (<usize>NB * <usize>mc) << 3);
    for (let r = 0; r < nb; r++) {
      const v = row(V, i0 + r, n), len = i0 + r;
      let o = VT + (<usize>(r >> 2) * <usize>mc << 5) + (<usize>(r & 3) << 3);
      for (let j = 0; j < len; j++, o += 32) store<f64>(o, g(v, j));
      for (let j = 0; j < len; j++) store<f64>(VP + ((<usize>(j >> 2) * NB + <usize>r) << 5) + (<usize>(j & 3) << 3), g(v, j));
    }
    // T: upper triangular, T(c,c)=tau_c, T(0..c-1,c) = -tau_c T(0..c-1,0..c-1) (V v_c)
    memory.fill(T, 0, NB * NB * 8);
    for (let c = 0; c < nb; c++) {
      const t = g(tau, i0 + c), vc = row(V, i0 + c, n);
      for (let r = 0; r < c; r++) put(tmpw, r, dot(row(V, i0 + r, n), vc, i0 + r));
      for (let r = 0; r < c; r++) {
        let s = 0.0;
        for (let q = r; q < c; q++) s += g(T, r * NB + q) * g(tmpw, q);
        put(T, r * NB + c, -t * s);
      }
      put(T, c * NB + c, t);
    }
    for (let r = 0; r < NB; r++) for (let c = 0; c < NB; c++) store<f64>(TP + ((<usize>(c >> 2) * NB + <usize>r) << 5) + (<usize>(c & 3) << 3), g(T, r * NB + c));
    const np = (nb + 3) >> 2, mfull = m >> 2;
    for (let r0 = 0; r0 < nv; r0 += MB) {
      const r1 = min(r0 + MB, nv);
      for (let pn = 0; pn < np; pn++) {
        const bp = VT + (<usize>pn * <usize>mc << 5), len = min(i0 + pn * 4 + 3, m);
        for (let r = r0; r < r1; r += 4) {
          const rr = min(r, nv - 4); // last tile overlaps: recomputed, same result
          tileSet(row(Z, rr, ld), l8, bp, len, P + ((<usize>(r - r0) * NB + <usize>(pn << 2)) << 3), NB * 8);
        }
      }
      for (let r = r0; r < r1; r += 4) for (let pn = 0; pn < np; pn++)
        tileSet(P + (<usize>(r - r0) * NB << 3), NB * 8, TP + (<usize>pn * NB << 5), min(nb, pn * 4 + 4), P2 + ((<usize>(r - r0) * NB + <usize>(pn << 2)) << 3), NB * 8);
      for (let pn = 0; pn < mp; pn++) {
        const bp = VP + (<usize>pn * NB << 5);
        for (let r = r0; r < r1; r += 4) {
          const pa = P2 + (<usize>(r - r0) * NB << 3);
          const ov = r + 4 > nv ? r + 4 - nv : 0; // rows of the overlapping tile already updated
          if (ov == 0 && pn < mfull) tileSub(pa, NB * 8, bp, nb, row(Z, r, ld) + (<usize>pn << 5), l8);
          else {
            tileSet(pa, NB * 8, bp, nb, tmp, 32);
            const w = min(4, m - (pn << 2));
            for (let q = ov; q < 4; q++) { const z = row(Z, r - ov + q, ld) + (<usize>pn << 5); for (let c = 0; c < w; c++) put(z, c, g(z, c) - g(tmp, q * 4 + c)); }
          }
        }
      }
    }
  }
  hp = mk;
}
const tmpw: usize = memory.data(NB * 8, 16);

let order: i32 = 0;
let matrix: usize = 0, vectors: usize = 0, values: usize = 0, couplings: usize = 0, factors: usize = 0;

/** Room for an n x n matrix, row-major; returns its address. Views of the memory made before are void. */
export function reserve(n: i32): usize {
  reset();
  order = n;
  matrix = alloc(<usize>n * <usize>n << 3);
  vectors = alloc(<usize>n * <usize>n << 3);
  values = alloc(<usize>n << 3); couplings = alloc((<usize>n << 3) + 8); factors = alloc(<usize>n << 3);
  return matrix;
}
/** Decomposes what lies at the address of reserve() (lower triangle); returns 0, or 1 when the iteration did not converge. */
export function decompose(): i32 {
  tridiag(matrix, order, values, couplings, factors, matrix);
  const rc = dc(values, couplings, order, vectors, order);
  if (rc == 0) backwy(matrix, factors, order, vectors, order, order);
  return rc;
}
/** Address of the eigenvalues, ascending. */
export function valuesAddress(): usize { return values; }
/** Address of the eigenvectors, one a row. */
export function vectorsAddress(): usize { return vectors; }
