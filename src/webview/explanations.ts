import { t } from './l10n';

/** What a chart or number is, how it is computed, where that comes from, and how to read it. */
export interface Explanation {
  readonly what: string;
  readonly formula: string;
  readonly source: string;
  readonly reading: string;
}

export const chartExplanations = {
  plane: {
    what: t(
      'Each sentence is a point at its first two principal components: the plane through the cloud that keeps most variance. Both axes have the same scale. Distances here are a shadow of those in the full space; neighbours in the plane need not be neighbours in it.',
    ),
    formula: 'zᵢ = ((xᵢ − μ)·u₁, (xᵢ − μ)·u₂),   Σ = U Λ Uᵀ,   λ₁ ≥ λ₂ ≥ …',
    source: t(
      'Pearson 1901, On lines and planes of closest fit; Jolliffe 2002, Principal Component Analysis, ch. 1–2.',
    ),
    reading: t(
      'A long cloud before and a round one after is what whitening does by construction. Groups that stay groups carry meaning; a direction that only tells long from short lines does not.',
    ),
  },
  umap: {
    what: t(
      'Each sentence is a point where UMAP lays it: each is drawn to its nearest neighbours by cosine, found exactly in the full space, and pushed off from points drawn at random. Sentences of equal direction are one point. The axes have no meaning and no unit; another seed gives another picture of the same neighbours.',
    ),
    formula: 'min Σ −p log q − (1 − p) log(1 − q),   p = fuzzy k-nearest-neighbour graph,   q = 1 / (1 + a‖y − y′‖²ᵇ)',
    source: t(
      'McInnes, Healy & Melville 2018, UMAP: Uniform Manifold Approximation and Projection for Dimension Reduction, §3–4.',
    ),
    reading: t(
      'What lies together are neighbours. The distance between two groups, their sizes and how dense they look say little: UMAP evens densities out. Before | after differ in which groups hold together, not in where they lie; small groups may be chance. For distances look at PCA, for a single sentence at its neighbours.',
    ),
  },
  cosines: {
    what: t(
      'How similar two sentences of this file are when they are picked at random (area), and how similar each is to its nearest other sentence (line). The area is the floor: a cosine means something only above it.',
    ),
    formula: 'cos(xᵢ, xⱼ) = xᵢ·xⱼ / (‖xᵢ‖ ‖xⱼ‖),   i ≠ j;   floor = quantiles 5 %, 50 %, 95 %',
    source: t(
      'Ethayarajh 2019, How Contextual are Contextualized Word Representations?, §3.4 (the average cosine of random pairs as anisotropy baseline).',
    ),
    reading: t(
      'A threshold for “similar” belongs above the 95 % mark. Where the line stands well clear of the area, nearest neighbours can be told from chance. At full rank PCA and ZCA whitening give the same cosines: they differ by a rotation.',
    ),
  },
  spectrum: {
    what: t(
      'The variance of each principal component as a share of all variance, on a logarithmic scale (scree plot). The eigenvalues λ themselves are in the table.',
    ),
    formula: 'Σ = 1/(N − 1) Σᵢ (xᵢ − μ)(xᵢ − μ)ᵀ,   shareᵢ = λᵢ / Σⱼ λⱼ',
    source: t(
      'Jolliffe 2002, ch. 6 (scree); whitening: Su et al. 2021, Whitening Sentence Representations, §3; Kessy, Lewin & Strimmer 2018, Optimal Whitening and Decorrelation, Table 1.',
    ),
    reading: t(
      'A steep fall means few directions hold most of the variance. Whitening makes the kept components equal: a flat line. With N rows there are at most N − 1 components.',
    ),
  },
  neighbours: {
    what: t(
      'The ten sentences most similar to the one at the cursor, in the raw space and after the transform: − is near only before, + only after. Computed in the full dimension, not in the plane. Beside each cosine: the share of random pairs of this file that score less, and the rank among the neighbours.',
    ),
    formula: 'J = |A ∩ B| / |A ∪ B|,   A, B = the k nearest by cosine before and after',
    source: t('Jaccard index of neighbour sets; exact nearest neighbours.'),
    reading: t(
      'Read the sentences: a transform that helps loses neighbours that only share words or length, and gains ones that say the same. Few changes mean that it will not change a ranking much.',
    ),
  },
  dimensions: {
    what: t(
      'The variance of each dimension of the vectors, in their own order, as a share of all variance. After PCA the dimensions are the components; after ZCA they are the old dimensions, made equal. Click a dimension to see which sentences lie highest and lowest on it.',
    ),
    formula: 'shareₖ = Var(xₖ) / Σⱼ Var(xⱼ),   divisor N − 1',
    source: t('Timkey & van Schijndel 2021, All Bark and No Bite: Rogue Dimensions in Transformer Language Models.'),
    reading: t(
      'A few dimensions far above all others dominate every cosine: the share of the average cosine in the table says how much. Equal heights mean that each dimension has its say.',
    ),
  },
  curve: {
    what: t(
      'How much is left when only k dimensions are kept: the first k as they stand (for models trained that way), the k largest principal components, the same with equal variances, and k random directions as a control. Left: variance. Right: how far the ten nearest neighbours of each sentence stay the same as in the full raw space.',
    ),
    formula: 'kept(k) = Σ_{i ≤ k} λᵢ / Σλ;   agreement(k) = mean Jaccard@10',
    source: t(
      'Jolliffe 2002, §6.1; Kusupati et al. 2022, Matryoshka Representation Learning; Su et al. 2021, §3 (reduction).',
    ),
    reading: t(
      'Take the smallest k before the agreement falls. Whitening changes neighbours on purpose, so its curve is lower even where it helps; below the random line nothing is gained.',
    ),
  },
} as const satisfies Record<string, Explanation>;

export const numberExplanations = {
  averageCosine: {
    what: t('Mean cosine over all pairs of different sentences: the usual measure of anisotropy. Exact, not sampled.'),
    formula: '(N²‖mean x̂‖² − N) / (N² − N)',
    source: t('Ethayarajh 2019, §3.4, eq. 4.'),
  },
  floor: {
    what: t('What a pair scores by chance in this file: half of the random pairs score less than the median.'),
    formula: t('quantiles of cos(xᵢ, xⱼ) over random i ≠ j, linear interpolation'),
    source: t('Random pairs of this corpus; drawn with the seed above 2,000,000 pairs.'),
  },
  effectiveRank: {
    what: t('How many directions the variance is spread over: the number of equal ones with the same entropy.'),
    formula: 'exp(H(p)),   pᵢ = σᵢ / Σσ,   σ = √λ',
    source: t('Roy & Vetterli 2007, The effective rank, definition of erank (on singular values).'),
  },
  participationRatio: {
    what: t(
      'The same question with squares: large variances count more. IsoScore is this number on a scale from 0 to 1, not independent evidence.',
    ),
    formula: 'PR = (Σλ)² / Σλ²,   IsoScore = (PR − 1) / (d − 1)',
    source: t('Rudman et al. 2022, IsoScore; equal to the rescaled participation ratio.'),
  },
  components: {
    what: t('How many principal components hold that share of the variance.'),
    formula: 'min k:  Σ_{i ≤ k} λᵢ ≥ q Σλ',
    source: t('Jolliffe 2002, §6.1.1.'),
  },
  dimension: { what: t('Columns of the vectors.'), formula: 'd', source: t('The encoder, or the transform.') },
  intrinsicDimension: {
    what: t(
      'How many coordinates the cloud needs locally, from distances to nearest neighbours; on the distinct raw rows.',
    ),
    formula: t('TwoNN: slope of −log(1 − F) on log(r₂/r₁); MLE: Levina–Bickel, k = 20'),
    source: t('Facco et al. 2017, Estimating the intrinsic dimension; Levina & Bickel 2004.'),
  },
  stableRank: {
    what: t('All variance in units of the largest one.'),
    formula: 'Σλ / λ₁',
    source: t('Rudelson & Vershynin 2007, Sampling from large matrices.'),
  },
  condition: {
    what: t('Largest against smallest variance; none where a direction carries no variance.'),
    formula: 'λ₁ / λ_d',
    source: t('Golub & Van Loan 2013, Matrix Computations, §2.6.'),
  },
  decay: {
    what: t('How fast the spectrum falls: 0 is flat, 1 is like 1/i.'),
    formula: t('−slope of log λᵢ on log i, least squares'),
    source: t('Least squares over the components that carry variance.'),
  },
  partition: {
    what: t('1 for a space that looks the same in every direction, near 0 for a narrow cone. Not scale-free.'),
    formula: 'min_c Z(c) / max_c Z(c),   Z(c) = Σᵢ exp(c·xᵢ)',
    source: t('Mu & Viswanath 2018, All-but-the-Top, §2 (c over ± the eigenvectors of XᵀX).'),
  },
  leakage: {
    what: t(
      'How far the cosine follows the spelling: below 0 for the edit distance means that similar spelling alone goes with a high cosine; the same for lengths that differ.',
    ),
    formula: t('Spearman of cos(xᵢ, xⱼ) with Levenshtein(i, j)/max length, and with |length i − length j|'),
    source: t('Levenshtein 1966; rank correlation over random pairs.'),
  },
  normWithLength: {
    what: t('Whether long lines have long vectors: then a dot product is not a cosine.'),
    formula: t('Spearman of ‖xᵢ‖ with the number of characters'),
    source: t('Rank correlation over all rows.'),
  },
  neighbourChange: {
    what: t('How many of the nearest neighbours stay the same after the transform, in the full dimension.'),
    formula: 'mean |A ∩ B| / |A ∪ B|',
    source: t('Jaccard index of neighbour sets; exact nearest neighbours.'),
  },
  cka: {
    what: t(
      'Likeness of the two spaces whatever their rotation and scale: 1 is equal. Debiased, so that few rows do not make it high.',
    ),
    formula: 'HSIC₁(K, L) / √(HSIC₁(K, K) HSIC₁(L, L))',
    source: t('Kornblith et al. 2019; unbiased HSIC: Song et al. 2012, eq. 5.'),
  },
  procrustes: {
    what: t(
      'What is left when one space is rotated and scaled onto the other as well as can be: 0 is equal, 1 unrelated.',
    ),
    formula: '1 − (‖XᵀY‖₊ / ‖X‖‖Y‖)²',
    source: t('Schönemann 1966, A generalized solution of the orthogonal Procrustes problem.'),
  },
  rsa: {
    what: t('Whether pairs that were similar before are similar after: rank correlation of their cosines.'),
    formula: t('Spearman of the cosines of the same pairs'),
    source: t('Kriegeskorte, Mur & Bandettini 2008, Representational similarity analysis.'),
  },
  uniformity: {
    what: t('How evenly the directions cover the sphere; lower is more even.'),
    formula: 'log mean exp(−2‖x̂ᵢ − x̂ⱼ‖²)',
    source: t('Wang & Isola 2020, Understanding Contrastive Representation Learning, §4 (t = 2).'),
  },
  hubness: {
    what: t(
      'Whether few sentences are the nearest neighbour of very many: skewness of how often a sentence is among the k nearest of others, and the share that is in nobody’s list.',
    ),
    formula: 'S = E[(N_k − μ)³] / σ³',
    source: t('Radovanović et al. 2010, Hubs in Space, §2.'),
  },
  norms: {
    what: t('Length of the vectors, mean ± standard deviation, and length of the mean vector.'),
    formula: '‖xᵢ‖,   ‖μ‖',
    source: t('Divisor N − 1.'),
  },
  rogue: {
    what: t('The largest share that one single dimension has in the average cosine.'),
    formula: '((Σx̂ᵢ)² − Σx̂ᵢ²) / (N² − N) / ' + t('average cosine'),
    source: t('Timkey & van Schijndel 2021, All Bark and No Bite, §3.'),
  },
  variance: { what: t('Sum of all variances.'), formula: 'Σλ', source: t('Divisor N − 1.') },
} as const satisfies Record<string, Omit<Explanation, 'reading'>>;
