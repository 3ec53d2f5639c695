import { IsoscopeError } from '../../protocol/errors';
import { objectAt, objectsAt, textAt, type JsonObject } from '../jsonObject';

/** What a single sentence gets around its pieces: [CLS] … [SEP]. `types` are token_type_ids. */
export interface SpecialTokens {
  readonly before: readonly number[];
  readonly after: readonly number[];
  readonly typesBefore: readonly number[];
  readonly typesAfter: readonly number[];
  /** type of the pieces themselves */
  readonly sequenceType: number;
}

const none: SpecialTokens = { before: [], after: [], typesBefore: [], typesAfter: [], sequenceType: 0 };

/** The `post_processor` of a tokenizer.json, for a sentence alone. @throws IsoscopeError `encoder` for a type that is unknown */
export function readSpecialTokens(config: JsonObject | null): SpecialTokens {
  if (config === null) return none;
  const type = textAt(config, 'type') ?? '';
  switch (type) {
    case 'ByteLevel':
      return none;
    case 'TemplateProcessing':
      return readTemplate(config);
    case 'BertProcessing':
    case 'RobertaProcessing':
      return {
        ...none,
        before: [pairId(config['cls'])],
        after: [pairId(config['sep'])],
        typesBefore: [0],
        typesAfter: [0],
      };
    case 'Sequence':
      return objectsAt(config, 'processors').map(readSpecialTokens).reduce(around, none);
    default:
      throw new IsoscopeError(
        'encoder',
        `tokenizer.json asks for the post-processor "${type}", which Isoscope does not know.`,
      );
  }
}

function readTemplate(config: JsonObject): SpecialTokens {
  const ids = { before: [] as number[], after: [] as number[] };
  const types = { before: [] as number[], after: [] as number[] };
  let sequenceType = 0;
  let side: 'before' | 'after' = 'before';
  for (const item of objectsAt(config, 'single')) {
    const sequence = objectAt(item, 'Sequence');
    if (sequence) {
      side = 'after';
      sequenceType = Number(sequence['type_id'] ?? 0);
      continue;
    }
    const special = objectAt(item, 'SpecialToken');
    for (const id of templateIds(config, textAt(special, 'id') ?? '')) {
      ids[side].push(id);
      types[side].push(Number(special?.['type_id'] ?? 0));
    }
  }
  return { ...ids, typesBefore: types.before, typesAfter: types.after, sequenceType };
}

function templateIds(config: JsonObject, name: string): number[] {
  const ids = objectAt(objectAt(config, 'special_tokens'), name)?.['ids'];
  if (Array.isArray(ids)) return ids.map(Number);
  throw new IsoscopeError('encoder', `The template in tokenizer.json names the token "${name}" without an id.`);
}

/** ["[CLS]", 101] → 101 */
function pairId(pair: unknown): number {
  if (Array.isArray(pair) && typeof pair[1] === 'number') return pair[1];
  throw new IsoscopeError('encoder', 'The post-processor of tokenizer.json names a token without an id.');
}

/** A later processor puts its tokens around what the earlier ones made. */
function around(inner: SpecialTokens, outer: SpecialTokens): SpecialTokens {
  return {
    before: [...outer.before, ...inner.before],
    after: [...inner.after, ...outer.after],
    typesBefore: [...outer.typesBefore, ...inner.typesBefore],
    typesAfter: [...inner.typesAfter, ...outer.typesAfter],
    sequenceType: outer === none ? inner.sequenceType : outer.sequenceType,
  };
}
