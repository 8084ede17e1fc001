/** The usual choices, and what is set, wherever it comes from. */
export function choices(usual: readonly number[], now: number): number[] {
  return [...new Set([...usual, now])].sort((a, b) => a - b);
}
