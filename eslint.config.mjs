import js from '@eslint/js';
import importX from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

/** One direction of imports: core → core, webview → core/protocol (types from anywhere), extension → core, nobody → extension. */
const importZones = [
  { target: './src/core', from: './src/extension', message: 'core knows nothing of the extension host.' },
  { target: './src/core', from: './src/webview', message: 'core knows nothing of the page.' },
  { target: './src/webview', from: './src/extension', message: 'The page talks to the host through core/protocol.' },
  { target: './src/extension', from: './src/webview', message: 'The host talks to the page through core/protocol.' },
  {
    target: './src/core/protocol',
    from: './src/core',
    except: ['./protocol'],
    message: 'The protocol is plain data: it may import types only.',
  },
];

export default tseslint.config(
  { ignores: ['dist/**', '.cache/**', '.vscode-test/**', '**/*.assembly.ts', 'test/golden/**/*.py', 'media/**'] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { 'import-x': importX },
    rules: {
      'import-x/no-default-export': 'error',
      'import-x/no-cycle': 'off',
      'import-x/no-restricted-paths': ['error', { zones: importZones }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      // Numeric loops index arrays by construction.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/prefer-for-of': 'off',
    },
  },
  {
    files: ['src/webview/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: ['**/core/*', '!**/core/protocol'],
              allowTypeImports: true,
              message: 'The page takes values from core/protocol only.',
            },
            { group: ['@vscode/webview-ui-toolkit*'], message: 'Controls come from webview/controls.ts only.' },
          ],
        },
      ],
    },
  },
  {
    files: ['src/core/**'],
    ignores: ['src/core/runtime/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: [
            { name: 'onnxruntime-node', message: 'core/runtime is its only importer.' },
            { name: 'vscode', message: 'core runs outside VS Code.' },
          ],
        },
      ],
    },
  },
  { files: ['vitest.config.ts', 'eslint.config.mjs'], rules: { 'import-x/no-default-export': 'off' } },
  { files: ['**/*.mjs', '**/*.js'], ...tseslint.configs.disableTypeChecked },
);
