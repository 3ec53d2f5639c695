import { useRef } from 'preact/hooks';

/** The last value as long as the new one says the same: what depends on it is not made anew. For small plain data. */
export function useEqual<Value>(value: Value): Value {
  const last = useRef(value);
  if (JSON.stringify(last.current) !== JSON.stringify(value)) last.current = value;
  return last.current;
}
