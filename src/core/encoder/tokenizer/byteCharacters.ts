/** GPT-2's table: every byte as a printable character (a space is Ġ), so that byte-level BPE works on texts. */
const byteCharacters: readonly string[] = createByteCharacters();

const plainAscii = /^[ -~]*$/;

/** The UTF-8 bytes of `text`, each as its character of GPT-2's table. */
export function toByteCharacters(text: string): string {
  if (plainAscii.test(text)) return text.replaceAll(' ', byteCharacters[0x20]);
  let result = '';
  for (const byte of Buffer.from(text, 'utf8')) result += byteCharacters[byte];
  return result;
}

function createByteCharacters(): string[] {
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => {
    const isPrintable = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
    return String.fromCharCode(isPrintable ? byte : next++);
  });
}
