import path from 'node:path';
import { IsoscopeError } from '../protocol/errors';
import { isJsonObject, numberAt, objectAt, textAt, type JsonObject } from './jsonObject';
import { poolings, type Pooling } from './pooling';

/** Reads a file of the model folder: `undefined` when it is absent. */
export type ReadJson = (file: string) => Promise<unknown>;

/** What a sentence-transformers folder says about the way from token vectors to a sentence's vector. */
export interface SentenceModules {
  /** `null` when the folder names none, or several whose vectors are joined */
  readonly pooling: Pooling | null;
  /** all that the folder names */
  readonly namedPoolings: readonly Pooling[];
  /** whether the tokens of a prompt count in the pooling (Instructor models leave them out) */
  readonly poolsPrompt: boolean;
  /** what lies between the pooling and a closing normalisation, in order */
  readonly head: readonly HeadModule[];
  /** whether the last module normalises */
  readonly isNormalized: boolean;
  /** true when there is a modules.json */
  readonly isSentenceTransformer: boolean;
}

/** A Dense layer by its folder, or a normalisation before one. */
export type HeadModule = { readonly kind: 'dense'; readonly folder: string } | { readonly kind: 'unit-length' };

/** A bare transformer: no modules.json. */
const bare: SentenceModules = {
  pooling: null,
  namedPoolings: [],
  poolsPrompt: true,
  head: [],
  isNormalized: false,
  isSentenceTransformer: false,
};

/**
 * modules.json and the configurations it points to, in the spelling of sentence-transformers up to 5 ("sentence_transformers.models.Pooling", one flag per pooling)
 * and from 6 ("sentence_transformers.sentence_transformer.modules.pooling.Pooling", `pooling_mode`).
 * @throws IsoscopeError `encoder` for a module that would change the vectors and is unknown
 */
export async function readSentenceModules(folder: string, readJson: ReadJson): Promise<SentenceModules> {
  const list = await readJson('modules.json');
  if (list === undefined) return bare;
  if (!Array.isArray(list) || !list.every(isJsonObject)) {
    throw new IsoscopeError(
      'encoder',
      `${path.join(folder, 'modules.json')} holds no list of modules: take it from the page of the model on the hub.`,
    );
  }
  let modules: SentenceModules = { ...bare, isSentenceTransformer: true };
  for (const module of list) {
    const kind = (textAt(module, 'type') ?? '').split('.').at(-1) ?? '';
    const place = textAt(module, 'path') ?? '';
    switch (kind) {
      case 'Transformer':
      case 'Dropout':
        break;
      case 'Pooling':
        modules = { ...modules, ...(await readPooling(folder, path.posix.join(place, 'config.json'), readJson)) };
        break;
      case 'Dense':
        modules = { ...modules, head: [...modules.head, { kind: 'dense', folder: place }] };
        break;
      case 'Normalize':
        modules = { ...modules, head: [...modules.head, { kind: 'unit-length' }] };
        break;
      default:
        throw new IsoscopeError(
          'encoder',
          `${path.join(folder, 'modules.json')} asks for a module "${kind}", which Isoscope does not know: its vectors would not be the model's.`,
        );
    }
  }
  if (modules.head.at(-1)?.kind !== 'unit-length') return modules;
  return { ...modules, head: modules.head.slice(0, -1), isNormalized: true };
}

/** Names of the poolings in both spellings: flag of 1_Pooling/config.json, value of `pooling_mode`, our name. In the order in which several are joined. */
const poolingNames: readonly (readonly [flag: string, mode: string, pooling: Pooling])[] = [
  ['pooling_mode_cls_token', 'cls', 'cls'],
  ['pooling_mode_max_tokens', 'max', 'max'],
  ['pooling_mode_mean_tokens', 'mean', 'mean'],
  ['pooling_mode_mean_sqrt_len_tokens', 'mean_sqrt_len_tokens', 'mean-sqrt-len'],
  ['pooling_mode_weightedmean_tokens', 'weightedmean', 'weighted-mean'],
  ['pooling_mode_lasttoken', 'lasttoken', 'last-token'],
];

/** @throws IsoscopeError `encoder` when the file is missing or names no pooling that is known: a guess would be the field's most common silent error */
async function readPooling(
  folder: string,
  file: string,
  readJson: ReadJson,
): Promise<Pick<SentenceModules, 'pooling' | 'namedPoolings' | 'poolsPrompt'>> {
  const json = await readJson(file);
  if (!isJsonObject(json)) {
    throw new IsoscopeError(
      'encoder',
      `${path.join(folder, file)}, which modules.json speaks of, ${json === undefined ? 'is missing' : 'holds no JSON object'}: take it from the page of the model on the hub.`,
    );
  }
  const mode = json['pooling_mode'];
  const modes = Array.isArray(mode) ? mode : [mode];
  // What sentence-transformers does when nothing is said.
  const isSilent = !Object.keys(json).some((key) => key.startsWith('pooling_mode'));
  const named = isSilent
    ? (['mean'] as const)
    : poolingNames
        .filter(([flag, name]) => json[flag] === true || modes.includes(name))
        .map(([, , pooling]) => pooling);
  if (named.length === 0) {
    const known = poolingNames.map(([, name]) => name).join(', ');
    throw new IsoscopeError(
      'encoder',
      `${path.join(folder, file)} names none of the poolings that Isoscope knows (${known}): its vectors would not be the model's.`,
    );
  }
  return {
    pooling: named.length === 1 ? named[0] : null,
    namedPoolings: named,
    poolsPrompt: json['include_prompt'] !== false,
  };
}

/** Prompts of config_sentence_transformers.json. */
export interface Prompts {
  readonly byName: ReadonlyMap<string, string>;
  /** the default prompt's text; empty when there is none (`default_prompt_name` null or absent) */
  readonly standard: string;
}

export function readPrompts(config: JsonObject | undefined): Prompts {
  const prompts = objectAt(config, 'prompts') ?? {};
  const byName = new Map(
    Object.entries(prompts).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
  return { byName, standard: byName.get(textAt(config, 'default_prompt_name') ?? '') ?? '' };
}

/**
 * The text that is put before every sentence.
 * @param choice `undefined` for the folder's default, "name:query" for a named prompt, else the text itself
 * @throws IsoscopeError `usage` when the folder has no prompt of that name
 */
export function choosePrefix(prompts: Prompts, choice: string | undefined): string {
  if (choice === undefined) return prompts.standard;
  if (!choice.startsWith('name:')) return choice;
  const name = choice.slice('name:'.length);
  const prompt = prompts.byName.get(name);
  if (prompt !== undefined) return prompt;
  const known = [...prompts.byName.keys()];
  throw new IsoscopeError(
    'usage',
    `The model folder has no prompt named "${name}"; ` +
      (known.length > 0 ? `it has ${known.join(', ')}.` : 'it names none: give the prefix itself as a text.'),
  );
}

/** Type guard over the names of the command line. */
export function isPooling(name: string): name is Pooling {
  return (poolings as readonly string[]).includes(name);
}

/** Architectures whose position numbers start after the padding id: two of their positions are never used. */
const offsetPositions = /^(xlm-)?roberta|^camembert$|^mpnet$|^longformer$|^xmod$|^data2vec-text$|^luke$|^mluke$/;

/** Whether the first token has the position pad id + 1 instead of 0. */
export function usesOffsetPositions(config: JsonObject): boolean {
  return offsetPositions.test(textAt(config, 'model_type') ?? '');
}

/**
 * Most tokens of a sentence, special ones included: `max_seq_length` of sentence_bert_config.json, else the smaller of tokenizer_config.json's `model_max_length` and
 * config.json's `max_position_embeddings`; never more than the model has positions for. `null` when nothing of that is given.
 */
export function readMaxTokens(configs: {
  readonly config: JsonObject;
  readonly tokenizer: JsonObject | undefined;
  readonly sentence: JsonObject | undefined;
}): number | null {
  const { config, tokenizer, sentence } = configs;
  const positions = numberAt(config, 'max_position_embeddings') ?? numberAt(config, 'n_positions') ?? Infinity;
  const usable = usesOffsetPositions(config) ? positions - (numberAt(config, 'pad_token_id') ?? 1) - 1 : positions;
  const limit = Math.min(
    numberAt(sentence, 'max_seq_length') ?? numberAt(tokenizer, 'model_max_length') ?? Infinity,
    usable,
  );
  // Tokenizers without a limit say 10^30.
  return limit >= 1 && limit < 1e6 ? Math.floor(limit) : null;
}
