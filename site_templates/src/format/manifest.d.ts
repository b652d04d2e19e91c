/**
 * The manifest of a report. Written by docs/generate.py from generator/attnviz/format: change it there.
 * Keys with ? may be absent.
 */

/** What is in a report: read this first. */
export interface Manifest {
  /** what this file is */
  format: 'attnviz-report';
  /** a reader refuses any other number, naming it; 1 where manifest.json has everything itself */
  format_version: 1 | 2;
  /** the report's name */
  title: string;
  /** how the report is shown */
  site: Site;
  /** the viewer that it was built with */
  viewer: Viewer;
  /** where everything came from */
  provenance: Provenance;
  /** the corpus's bounds */
  fidelity: Fidelity;
  /** everything that was shortened, left out or assumed */
  notices: NoticeEntry[];
  /** what was read */
  documents: DocumentsEntry;
  /** what read it */
  models: Model[];
  /** by id; since format 2 none here: they are rows of the tables of kind `shards` */
  shards: Record<string, Shard>;
  /** by id: the tables of kind `heads`, `shards` and `pages`; absent in format 1 */
  tables?: Record<string, Shard>;
  /**
   * every other file by path, but manifest and twins, and since format 2 pages of heads; absent in reports from
   * before it was
   */
  files?: Record<string, File>;
}

/** Weights that were trained beside a model's own and merged into them. */
export interface AdapterEntry {
  /** where it was loaded from */
  source: string;
  /** by which it was trained, as peft calls it, such as `LORA` */
  method: string;
  /** of its adapter_config.json and its weights */
  sha256: string;
}

/**
 * What each part of the model adds to the logit of the token that follows, at each token of the documents whose
 * attention is stored that one follows (direct logit attribution).
 */
export interface Attribution {
  /** how far any head's part is off at most, in logits; null where nothing is known */
  error: number | null;
  /** the same of what a pair of tokens adds; null where no pairs are stored */
  pairs_error: number | null;
  /** what is not known, each with its reason */
  missing: string[];
  /** ids of the `attribution` shards */
  shards: string[];
  /** ids of the `attribution-pairs` shards */
  pairs: string[];
}

/**
 * A sequence that queries or keys stand on, of every document. Texts have an axis `text`, translations `source` and
 * `target`, images `image`, videos `video`, recordings `audio`; where a model attends within windows, each way of
 * cutting the grid is an axis of its own (`stage1`, `stage1-shifted`, …; `time` and `space`). A video's patches lie
 * on a sheet of its frames, a recording's frames on its waveform.
 */
export interface AxisEntry {
  /** its name in links */
  name: string;
  /** what its tokens are pieces of */
  kind: 'text' | 'image' | 'video' | 'audio';
  /** tokens of all documents */
  tokens: number;
  /** names of what the corpus says of tokens */
  labels?: string[];
  /** id of the `lengths` shard */
  lengths: string;
  /** ids of the `tokens` shards */
  shards: string[];
  /** the tokens that maps show */
  sample: Sample;
  /** id of the `crop` shard */
  crops?: string | null;
  /** id of the `places` shard, where tokens attend within windows */
  places?: string | null;
}

/** What layers add to their scores. */
export interface BiasTable {
  /** by the distance of query and key, or by their places */
  kind: 'relative' | 'table';
  /** number of distances, or of places */
  size: number;
  /** id of the `bias` shard */
  shard: string;
}

/** How a layer was captured. Where `vectors` is false its heads have dense encodings and attention maps alone. */
export interface CapturedModule {
  /** name of its stack */
  stack: string;
  /** index of the layer, by the model's own count */
  layer: number;
  /** path of the module in the model */
  module: string;
  /** `attention interface`, `tracer`, `output_attentions` or, where no model ran, `given` */
  line: string;
  /** index into `rules` */
  rule: number;
  /** false: only the attention itself is known, for the `reason` given */
  vectors?: boolean;
  /** why, in words */
  reason?: string | null;
  /** how long its values are; absent where they are not known, and in reports from before they were kept */
  values?: ValueLengths | null;
}

/**
 * The measured error of a head's stored attention against the model's own. The error is that of the *decoded*
 * attention. Total variation of two rows is half the sum of absolute differences.
 */
export interface Certificate {
  /** mean over rows */
  total_variation: number;
  /** the largest mean over one document */
  worst_total_variation: number;
  /** largest absolute error of any entry */
  max_error: number;
  /** share of rows whose largest entry is the same key */
  top1: number;
  /** rows measured */
  rows: number;
  /**
   * false: every row was measured; true: of documents of more than 2,048 tokens a sample, drawn so that each block of
   * 16 rows of a document has the same chance, and the figures are no bound. A document counts as its rows do,
   * however many were measured
   */
  sampled: boolean;
  /** of a sample; null where it is exact */
  total_variation_standard_error?: number | null;
  /** of a sample: of that document's mean */
  worst_total_variation_standard_error?: number | null;
  /** of a sample */
  top1_standard_error?: number | null;
  /**
   * `eager-float32`, the model's own eager attention, or `captured-float32`, attention by the score rule from the
   * captured queries and keys, for documents of more than 512 tokens and for models that run in half precision, or
   * both; where no model ran, `captured-float32` of what was captured of it elsewhere, or `given`, attention as it
   * was given
   */
  reference: string;
  /** the method by which the model's own weights are quantised, which the figures say nothing of */
  quantization?: string | null;
}

/**
 * What scores are made of: components of the centred interaction of each head's queries and keys over the corpus, and
 * the vectors that any pair's score is split by.
 */
export interface Components {
  /** the most components of a head, and the most contrastive ones */
  rank: number;
  /** what contrastive components tell apart; absent where there are none */
  contrast?: LabelContrast | null;
  /** what is not known, each with its reason */
  missing: string[];
  /** ids of the `components` shards */
  shards: string[];
  /** ids of the `interactions` shards */
  interactions: string[];
  /** ids of the `vectors` shards */
  vectors: string[];
}

/** The corpus.yaml. */
export interface CorpusFile {
  /** its file name */
  name: string;
  /** of its bytes */
  sha256: string;
}

/** A pair of a query and a key that a label does not hold for, and that the head's attention is strong on. */
export interface CounterExample {
  /** one of the model's `labels` */
  label: string;
  /** its document */
  document: number;
  /** the place of the query, from zero */
  query: number;
  /** the place of the key */
  key: number;
  /** from the one to the other, as it was captured */
  attention: number;
}

/** Which documents are meant: those of such a label. */
export interface DocumentTest {
  /** the name of labels of whole documents, of which it has one of `values` */
  column: string;
  /** the labels that are meant */
  values: string[];
}

/** The documents of the report. */
export interface DocumentsEntry {
  /** how many */
  count: number;
  /** what encodings are chosen by */
  groups: Group[];
  /** names of what the corpus says of documents */
  labels?: string[];
  /** ids of the `documents` shards */
  shards: string[];
  /** ids of the `image` shards */
  images?: string[];
  /** ids of the `sound` shards */
  sounds?: string[];
  /** ids of the `score` shards */
  scores?: string[];
}

/**
 * How far effects that are estimates from one backward pass (attribution patching) are from those of heads that are
 * replaced, on some of the documents.
 */
export interface EffectEstimate {
  /** how many documents both were measured on */
  documents: number;
  /** the mean absolute difference of the rise of the loss, over heads and documents, in nats */
  error: number;
  /** the largest of any head in any of them */
  largest_error: number;
  /** Spearman's correlation of both over heads: 1 is the same order; null where one is constant */
  rank: number | null;
}

/**
 * What losing each head costs the model: its output replaced, and the change measured, against the control: a random
 * change of the same length, token by token.
 */
export interface Effects {
  /** what a head's output is replaced by: nothing, its mean over the corpus, or another document's */
  method: 'zero' | 'mean' | 'resample';
  /**
   * what is read of the model: `next token`, `masked tokens`, `target token` or `class`, with loss and divergence;
   * `hidden state` of a model without a head for these
   */
  measure: string;
  /** documents that it was measured on */
  documents: number;
  /** false: on all that the model reads; true: on so many, drawn evenly */
  sampled: boolean;
  /** of estimates, how good they are; absent where heads were replaced one by one */
  estimate?: EffectEstimate | null;
  /** ids of the `effects` shards */
  shards: string[];
}

/**
 * Pairs of a query and a key by how much attention there is between them, in bands: how many there are of each head,
 * and some of each band, drawn from all documents that the model reads, so that each pair has the same chance.
 * Documents that the model reads alike count once for what is drawn.
 */
export interface Examples {
  /** the least attention of each band, the strongest first: a band reaches to the one before it, the first to 1 */
  lows: number[];
  /** how many pairs are drawn of a band, at most */
  drawn: number;
  /** ids of the `examples` shards, one for each layer */
  shards: string[];
}

/** The corpus's bounds on the error of stored attention. */
export interface Fidelity {
  /** mean over rows */
  total_variation: number;
  /** largest absolute error of any entry */
  max_error: number;
}

/** A file of the report that is no shard: a page, a script, a stylesheet. */
export interface File {
  /** size of the file */
  bytes: number;
  /** of the file; of index.html, with zeros in place of the manifest's SHA-256 */
  sha256: string;
}

/** Documents of one corpus entry in one length class. */
export interface Group {
  /** index of the corpus entry */
  entry: number;
  /** in characters */
  shortest: number;
  /** in characters */
  longest: number;
  /** how many */
  documents: number;
}

/** One attention head. It is written `L5H3`, and `cross.L5H3` where the model has several stacks. */
export interface Head {
  /** name of its stack */
  stack: string;
  /** index of its layer, by the model's own count: layers without attention have no heads */
  layer: number;
  /** its number in the layer */
  head: number;
  /** the number of the key head that it shares */
  kv_head: number;
  /** index into the model's `rules` */
  rule: number;
  /** index into the model's `biases` */
  bias?: number | null;
  /** the logit of its sink */
  sink: number | null;
  /** by name; null where one is not defined */
  statistics: Record<string, number | null>;
  /** by name, of statistics that are measured on texts drawn at random */
  standard_errors?: Record<string, number>;
  /** the strongest first */
  labels?: Label[];
  /**
   * the same of what the head does besides resting: by the statistics that leave out the keys that its stack's
   * attention is `resting` on, rows made to sum to 1 again
   */
  awake_labels?: Label[];
  /** mean attention at each offset j − i from −16 to 16; null under cross-attention */
  offsets?: (number | null)[] | null;
  /**
   * eleven documents, from the one in which the head is most focused (1 − evenness, averaged over rows) down by
   * tenths to the least
   */
  typical?: number[];
  /** how focused it is in each document of `typical` */
  focus?: (number | null)[];
  /**
   * eleven numbers in nats, from the least entropy of a row by tenths of all rows to the largest; each is good to
   * 0.004 nats. Empty where it is not defined
   */
  entropy_deciles?: number[];
  /** at most ten, by `share` · log `lift`, the largest first; all have a lift above 1 */
  pairs?: TokenPair[];
  /**
   * at most ten query types that wake the head, the surest first: by the log-likelihood ratio of their rate and that
   * of all rows (Dunning 1993), which is at least 10.83
   */
  waking?: WakingToken[];
  /** of each label with a `test` that is defined in its stack, in the model's order of labels */
  label_figures?: LabelFigures[];
  /**
   * of each of these labels that the head has, awake or not, the three strongest pairs that it does not hold for,
   * over the whole corpus, the strongest first, of attention of at least 0.01. Documents that the model reads alike
   * count once
   */
  counter_examples?: CounterExample[];
  /**
   * by depth, in the corpus's order; empty where the corpus did not ask for `probe: needle`, or the model could not
   * be tried
   */
  needle?: NeedleDepth[];
  /** its place in the layout of its stack */
  position?: [number, number] | null;
  /** up to five heads of the layout whose attention is most like this head's, the nearest first */
  alike?: Likeness[];
  /** one name per document group */
  encodings: string[];
  /** how true its stored attention is */
  certificate: Certificate;
  /** by map id: a head of which only attention was captured has no other than attention maps */
  maps: Record<string, MapFigures>;
  /** by name; empty where there are no queries and keys */
  spaces?: Record<string, SpaceFigures>;
  /** in words, what no space of this head can show, since its score rule adds to q·k */
  limits?: string[];
}

/** The documents whose attention is stored, where it is not that of all that the model reads. */
export interface Kept {
  /** id of the `kept` shard, which lists them */
  shard: string;
  /** how many */
  documents: number;
}

/** A [label](head-labels.md) that a head has. */
export interface Label {
  /** one of the model's `labels` */
  name: string;
  /** the score that earned it, from 0 to 1 */
  score: number;
  /** of a score on texts drawn at random */
  standard_error?: number | null;
}

/** By which labels of tokens pairs of a query and a key are told apart. */
export interface LabelContrast {
  /** the name of the labels */
  column: string;
  /** the labels, in order */
  values: string[];
}

/**
 * How well a label says where a head looks, whether the head has it or not. Of labels without `sinks`, keys that the
 * stack's attention is `resting` on and rows of special tokens are left out.
 */
export interface LabelFigures {
  /** one of the model's `labels`, which has a `test` */
  label: string;
  /**
   * of the head's attention, the share on pairs that the label holds for; null where less than 1 % of the attention
   * of its rows is on any key that counts
   */
  precision?: number | null;
  /**
   * of the rows that see a key that the label holds for, the share whose largest attention is on such a key; null
   * where there is no such row
   */
  recall?: number | null;
  /** the mean precision of all other heads of the model; null where there are none */
  others_precision?: number | null;
  /** their mean recall */
  others_recall?: number | null;
  /**
   * the precision over the held-out half of the documents alone: those for which the number that follows from what a
   * model reads of them is 2⁶³ or more
   */
  held_out_precision?: number | null;
  /** the recall over these */
  held_out_recall?: number | null;
}

/** A [label](head-labels.md) that a head may have. */
export interface LabelKind {
  /** its name in links */
  name: string;
  /** its name for people */
  title: string;
  /** one sentence */
  description: string;
  /** of which pairs of a query and a key it holds; null where it says nothing of single pairs */
  test?: PairTest | null;
  /** whether the corpus declares it: a head has it whose precision is at least 0.5 */
  declared?: boolean;
}

/** Heads as points, of stacks on the same axes. Distances were measured on so many rows of so many documents. */
export interface Layout {
  /** names of the stacks */
  stacks: string[];
  /** documents compared */
  documents: number;
  /** rows compared */
  rows: number;
  /** false: every row; true: of a seeded sample in which every row has the same chance */
  sampled?: boolean | null;
  /**
   * Kruskal's stress-1 of the picture: 0 is perfect; null where there are fewer than three heads, or all are alike
   */
  stress: number | null;
  /** by the jackknife over ten groups of rows; absent where all rows were compared */
  stress_standard_error?: number | null;
  /** Spearman's correlation of distances in the picture and measured ones: 1 is perfect; null as `stress` */
  rank: number | null;
  /** as that of `stress` */
  rank_standard_error?: number | null;
}

/** Another head of the layout, and how far its attention is from this head's. */
export interface Likeness {
  /** its id */
  head: string;
  /** the root of the mean divergence: 0 is the same attention, 1 nothing in common */
  distance: number;
  /** where heads are compared in a sample of rows; null where it is exact */
  standard_error?: number | null;
}

/**
 * How far a map may be believed. All figures but `explained` are measured at the stored coordinates; a figure is null
 * where it is not defined.
 */
export interface MapFigures {
  /** largest error of a coordinate by its storage */
  quantisation_error: number;
  /**
   * for each query the model's attention on the three keys of its document that are nearest on the map, over that on
   * the three most attended; the mean over queries. 1 is perfect. Queries that may see three keys or fewer are left
   * out
   */
  top3_mass?: number | null;
  /**
   * Spearman's correlation of distance and score over the keys of a query's document; the mean over queries. −1 is
   * perfect
   */
  rank?: number | null;
  /** how many queries top-3 mass is the mean of */
  rows?: number | null;
  /**
   * false: top-3 mass and rank are of every query on the map, so exact; true: of a seeded sample in which every query
   * has the same chance
   */
  sampled?: boolean | null;
  /**
   * of a sample: √((1 − f) · s² / n), where s² is the variance over its n queries and f is their share of all; null
   * where the figure is exact
   */
  top3_mass_standard_error?: number | null;
  /** of a sample: as of top-3 mass */
  rank_standard_error?: number | null;
  /**
   * PCA, UMAP and t-SNE: whether points that are near on the map (15 neighbours) are near in the space it was made
   * from (Venna & Kaski 2001). 1 is perfect. An attention map is made from no space
   */
  trustworthiness?: number | null;
  /** where it is the mean over a seeded sample of 512 points; null where it is over all */
  trustworthiness_standard_error?: number | null;
  /** PCA: the share of variance that is kept */
  explained?: number | null;
}

/** A way of making maps. */
export interface MapKind {
  /** such as `attention-2d` */
  id: string;
  /** `attention`, `pca`, `umap` or `tsne` */
  method: string;
  /** 2 or 3 */
  dimensions: number;
  /** its name for people */
  title: string;
  /**
   * of PCA, UMAP and t-SNE: the space that they are made from, `translated` or `lifted`, with `-before-rotary` where
   * it is of queries and keys from before rotary embedding
   */
  space?: string | null;
  /** what the maps started from; null for maps that follow from the corpus alone */
  start?: MapStart | null;
}

/** What maps started from: positions of an earlier build's maps. */
export interface MapStart {
  /** documents on these maps that it had on its maps too: their points stand where they stood */
  documents: number;
  /** documents on these maps */
  of: number;
}

/** Which keys a query may attend to. */
export interface MaskEntry {
  /** how it is told */
  kind: 'full' | 'causal' | 'band' | 'intervals';
  /** of a band: how many keys before the query's place */
  before?: number;
  /** of a band: how many keys after the query's place */
  after?: number;
  /** of intervals: ids of the `mask` shards */
  shards?: string[];
}

/** One model, and what was found of it. */
export interface Model {
  /** its name in links */
  name: string;
  /** its name for people */
  title: string;
  /** where it was loaded from */
  source: string;
  /** its revision there */
  revision: string | null;
  /** of its weights */
  weights_sha256: string;
  /** name of its class */
  architecture: string;
  /** of its weights as it ran */
  dtype: string;
  /** their number */
  parameters: number;
  /** what was merged into its weights; `weights_sha256` is of its base */
  adapter?: AdapterEntry | null;
  /** the method by which its weights are stored in fewer bits, such as `fp8` */
  quantization?: string | null;
  /** names of weights that its checkpoint lacks; neither attention nor the last hidden states depend on them */
  unneeded?: string[];
  /**
   * where attention came from that was given and no model was run for: then nothing certifies it against a model,
   * certificates are of what was given, `weights_sha256` and `architecture` are empty and `parameters` 0
   */
  attention_by?: string | null;
  /**
   * of which documents attention is stored; absent where of all. Certificates and statistics of stored attention are
   * of these, all other figures of all documents
   */
  kept?: Kept | null;
  /** what losing each head costs; absent where it was not measured */
  effects?: Effects | null;
  /** each head's pairs by bands of attention; absent in reports from before they were drawn */
  examples?: Examples | null;
  /** what heads write; absent where it was not asked for */
  writes?: Writes | null;
  /** what scores are made of; absent where it was not asked for */
  components?: Components | null;
  /** its place in a series of models; absent where it is of none */
  series?: SeriesStep | null;
  /** the sequences that it reads */
  axes: AxisEntry[];
  /** its score rules */
  rules: Rule[];
  /** what layers add to their scores */
  biases?: BiasTable[];
  /** its layers, by what they attend to */
  stacks: Stack[];
  /** how each layer was captured */
  captures: CapturedModule[];
  /** id of the token between texts, if the tokenizer has one */
  separator?: number | null;
  /** how well the rule gives the model's own attention */
  self_check: SelfCheck;
  /** the columns of every head's `statistics` */
  statistics: Statistic[];
  /** the labels that a head may have */
  labels?: LabelKind[];
  /** heads as points, one layout for the stacks on the same axes */
  layouts?: Layout[];
  /** the first is to be shown first */
  maps: MapKind[];
  /** every head's first points */
  overview: Overview;
  /**
   * in order of stack, layer, head; absent since format 2, where they are rows of the model's shards of kind `heads`,
   * and what only one head's panel shows, of `head-details`
   */
  heads?: Head[];
}

/**
 * What a head copies from a needle at one depth of [long texts](../explanation/retrieval.md), mean over texts and
 * over the tokens of the needle's value.
 */
export interface NeedleDepth {
  /** how far into the text the needle stands, from 0 to 1 */
  depth: number;
  /** attention, from the token before each of the value at the end, on the needle's token that comes next */
  retrieval: number;
  /** the share of these tokens whose largest attention that has */
  strongest: number;
  /** attention on the same places in texts whose end says what stands nowhere before */
  control: number;
}

/** How the noise floor of a model's divergence was measured: the model ran once more in another number type. */
export interface NoiseFloor {
  /** that other number type */
  dtype: string;
  /** documents that both passes were compared on, at even distances in the corpus */
  documents: number;
  /** rows of attention that were compared, in the layer with most */
  rows: number;
}

/** Something that was shortened, left out or assumed. */
export interface NoticeEntry {
  /** such as `truncated`, `window`, `left-out`, `weights` */
  kind: string;
  /** in words */
  message: string;
  /** the document, if it is about one */
  document?: number;
  /** the model's name, if it is about one */
  model?: string;
  /**
   * the numbers that the message states, by name, in its order; absent where there are none, and in reports from
   * before they were kept
   */
  figures?: Record<string, number | number>;
}

/** A picture of the whole model from one small file. */
export interface Overview {
  /** id of the `overview` shard */
  shard: string;
  /** id of the map that it shows; empty where there are none */
  map: string;
  /** points of each head */
  count: number;
}

/**
 * Which pairs of a query and a key are meant: those for which all that is stated holds. Of cross-attention, tests of
 * offsets or of equal tokens say nothing.
 */
export interface PairTest {
  /** which queries */
  query?: TokenTest;
  /** which keys */
  key?: TokenTest;
  /** the least j − i of a key at j and a query at i */
  least_offset?: number;
  /** the greatest */
  greatest_offset?: number;
  /** `token`: the key is of the query's id; `after`: the token before the key is */
  same?: 'token' | 'after';
  /** in which documents: those that all of these mean */
  documents?: DocumentTest[];
  /** whether keys that the stack's attention is `resting` on, and rows of special tokens, count */
  sinks?: boolean;
}

/** Where everything came from. */
export interface Provenance {
  /** such as `attnviz 0.1.0` */
  generator: string;
  /** by package */
  versions: Record<string, string>;
  /** what the model ran on */
  device: string;
  /** threads of the processor */
  threads: number;
  /** of every random choice */
  seed: number;
  /** the corpus.yaml */
  corpus: CorpusFile;
  /** its entries */
  sources: SourceEntry[];
}

/** A score rule. */
export interface Rule {
  /** factor of q·k */
  scaling: number;
  /** which keys may be attended to */
  mask: MaskEntry;
  /** the c of c · tanh(s/c) */
  softcap: number | null;
}

/** The tokens that maps show. */
export interface Sample {
  /** id of the `sample` shard */
  shard: string;
  /** number of its tokens */
  count: number;
}

/**
 * Attention recomputed by the rule against eager attention on a short input, or, where no model ran, against the
 * attention that was given.
 */
export interface SelfCheck {
  /** largest absolute error of any entry */
  max_error: number;
  /** rows compared; 0 where attention was given without queries and keys */
  rows: number;
}

/**
 * A model's place in a series of models of one shape. The series is all models of the report with a `series`, in
 * their order.
 */
export interface SeriesStep {
  /** what the corpus counts steps by; it rises from model to model */
  step: number;
  /**
   * name of the model before, which `divergence` of heads is from and whose maps this model's started from; null for
   * the first
   */
  former: string | null;
  /** name of the first model, which `divergence_first` is from; null for itself */
  first: string | null;
  /** documents that heads were compared on; 0 for the first */
  documents: number;
  /** rows of attention that were compared, in the layer with most; 0 for the first */
  rows: number;
  /** how `divergence_floor` was measured; null where it was not */
  floor: NoiseFloor | null;
}

/** One file of data/. Which of the further keys it has depends on its kind. */
export interface Shard {
  /** relative to the report */
  path: string;
  /** size of the file */
  bytes: number;
  /** of the file: a reader checks it before use */
  sha256: string;
  /** rows of its table */
  rows: number;
  /** which columns it has */
  kind: string;
  /** name of the model */
  model?: string;
  /** name of the axis */
  axis?: string;
  /** name of the stack */
  stack?: string;
  /** index of the layer */
  layer?: number;
  /** id of the map */
  map?: string;
  /** of attention: which codes it holds */
  encoding?: string;
  /** of masks: index into the model's `rules` */
  rule?: number;
  /** [first, end) */
  heads?: [number, number];
  /** [first, end) */
  kv_heads?: [number, number];
  /** [first, end) */
  documents?: [number, number];
  /** of a small file that nearly every view needs: its bytes in base64, so that it need not be asked for */
  content?: string;
}

/** How the report is shown. */
export interface Site {
  /** where it is published */
  url: string | null;
  /** its colours */
  theme: 'auto' | 'light' | 'dark';
  /**
   * where it opens: from a web server it needs its shards, `data/*.arrow`; from a folder their twins,
   * `data/*.arrow.js` and `manifest.js`. `anywhere` has both, `web` has shards alone, `file` twins alone, which open
   * from a web server too
   */
  open?: 'anywhere' | 'web' | 'file';
}

/** Where documents come from. */
export interface SourceEntry {
  /** index of the corpus entry */
  entry: number;
  /** its file, or what it is */
  name: string;
  /** of what was read */
  sha256: string;
  /** how many documents it gave */
  documents: number;
  /** what the corpus says of its origin */
  source: string | null;
  /** what the corpus says of its licence */
  licence: string | null;
  /** commit of a data set of the hub */
  revision?: string | null;
}

/**
 * How far a full space of queries and keys tells attention: `translated-cosine` and `translated-euclidean`,
 * AttentionViz's, and `lifted`, with keys on one sphere.
 */
export interface SpaceFigures {
  /** as of a map */
  top3_mass: number | null;
  /** as of a map */
  rank: number | null;
  /**
   * of `translated-euclidean`: the c of seven that tells attention best, on a seeded sample of at most 512 queries
   * and as many keys
   */
  scale?: number | null;
  /** as of a map */
  rows?: number | null;
  /** as of a map */
  sampled?: boolean | null;
  /** as of a map */
  top3_mass_standard_error?: number | null;
  /** as of a map */
  rank_standard_error?: number | null;
}

/** Layers that attend on the same axes. */
export interface Stack {
  /** `encoder`, `decoder`, `cross`, `vision`, `text` (of two towers), or the name of an axis of windows */
  name: string;
  /** whether queries and keys stand on one axis or two */
  kind: 'self' | 'cross';
  /**
   * number of the model's layers in it, those without attention and those left out counted: a layer's index is less
   */
  layers: number;
  /** the largest number in any layer */
  heads: number;
  /** the largest number of key heads in any layer */
  kv_heads: number;
  /** channels of a vector */
  head_size: number;
  /** name of the queries' axis */
  query_axis: string;
  /** name of the keys' axis */
  key_axis: string;
  /**
   * the keys that attention rests on whatever the query, which `rest` of a head is the share of, `awake_` statistics
   * and `awake_labels` leave out, and a viewer hides: tokens that are `special`, those whose id is the model's
   * `separator`, and the `first` of each document, where no row sees a key after its own. A head's learned `sink` is
   * one more, which is no key
   */
  resting?: ('special' | 'separator' | 'first')[];
}

/** A column of every head's `statistics`. */
export interface Statistic {
  /** its name in links */
  name: string;
  /** its name for people */
  title: string;
  /** such as `nats`, `tokens`, `share`; empty where it has none */
  unit: string;
  /** one sentence */
  description: string;
}

/** A pair of token types between which a head attends more than by chance. */
export interface TokenPair {
  /** the type that attends, by its characters: `␣` for a blank before them, `byte D8` for a byte of several */
  query: string;
  /** the type that it attends to, as `query` */
  key: string;
  /** the part of the head's attention, over the whole corpus, that goes from `query` to `key` */
  share: number;
  /** how many times what it would be if every row attended to all it may see alike */
  lift: number;
}

/** Which tokens are meant: those for which all that is stated holds. */
export interface TokenTest {
  /** the model's separator, or punctuation alone */
  kind?: 'separator' | 'punctuation';
  /** one of these is the token, by its characters without blanks around them, or by the vocabulary's piece */
  texts?: string[];
  /**
   * a regular expression of Python that is found in its characters without blanks around them, or in the piece of a
   * token that stands for no characters
   */
  pattern?: string;
  /** the name of labels of tokens, of which it has one of `values` */
  column?: string;
  /** the labels that are meant */
  values?: string[];
  /** the least place in its document, from zero; counted from the end where it is negative */
  first?: number;
  /** the greatest place, as `first` */
  last?: number;
}

/** Lengths of a layer's value vectors, as its heads have them, before their output projection. */
export interface ValueLengths {
  /** ids of the `values` shards */
  shards: string[];
  /** the largest error of any stored length, as a share of it */
  error: number;
}

/** The viewer that this report was built with. */
export interface Viewer {
  /** path */
  script: string;
  /** path */
  style: string;
}

/** A token type whose rows rest less often than the head's others. */
export interface WakingToken {
  /** the type that attends, by its characters, as `query` of a [TokenPair](#tokenpair) */
  token: string;
  /**
   * how many of its rows are awake, from 0 to 1: half of their attention, or more, is on keys that the stack's
   * attention is not `resting` on
   */
  rate: number;
  /** how many rows it has */
  rows: number;
}

/** What heads write to the residual stream, and how later ones read it, by their matrices. */
export interface Writes {
  /**
   * what the last norm multiplies by before logits, its mean over the corpus's tokens: what next tokens are raised by
   * is with this; null where next tokens are not known
   */
  inverse_scale: number | null;
  /**
   * the root mean square of a composition of which one matrix is turned at random; null where no composition is known
   */
  chance: number | null;
  /** what is not known, each with its reason */
  missing: string[];
  /** ids of the `writes` shards */
  shards: string[];
  /** ids of the `composition` shards */
  composition: string[];
  /** what parts add to logits; absent in reports from before it was measured */
  attribution?: Attribution | null;
}
