/**
 * Passes over rows that plain JavaScript does one number at a time: 128-bit SIMD in WebAssembly. AssemblyScript, compiled by scripts/buildWasm.ts;
 * ../kernels.ts is its only caller, hands out the memory and checks the lengths. No function allocates and none checks bounds.
 */
export { reserve } from './memory.assembly';
export { addColumnSums, addRows } from './firstOrder.assembly';
export {
  narrow,
  scaleColumns,
  scaleToUnitLength,
  subtractFromRows,
  sumOfNumbers,
  widen,
} from './rowOperations.assembly';
export { squaredDistances32, squaredDistances64 } from './distances.assembly';
export { chosenInnerProducts32, chosenInnerProducts64 } from './innerProducts.assembly';
export { offerTile, startLists } from './nearestLists.assembly';
