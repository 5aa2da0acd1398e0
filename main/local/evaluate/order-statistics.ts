/**
 * Quantiles by selection.
 * Owns: type 7 of Hyndman and Fan (1996), which numpy and R use by default, over a run of numbers. Does not: leave out
 * no data (the caller has gathered the values). Selection, not sorting: a median of n values takes time linear in n.
 */

/** Orders `values[low … high]` so far that the k-th smallest stands at k, smaller ones before and greater ones behind. */
export function selectNth(values: Float64Array, k: number, low: number, high: number): void {
  let left = low
  let right = high
  while (right > left) {
    if (right - left < 12) {
      insertionSort(values, left, right)
      return
    }
    const middle = (left + right) >> 1
    if ((values[middle] as number) < (values[left] as number)) swap(values, left, middle)
    if ((values[right] as number) < (values[left] as number)) swap(values, left, right)
    if ((values[right] as number) < (values[middle] as number)) swap(values, middle, right)
    const pivot = values[middle] as number
    let i = left
    let j = right
    while (i <= j) {
      while ((values[i] as number) < pivot) i++
      while ((values[j] as number) > pivot) j--
      if (i <= j) {
        swap(values, i, j)
        i++
        j--
      }
    }
    if (k <= j) right = j
    else if (k >= i) left = i
    else return
  }
}

function swap(values: Float64Array, i: number, j: number): void {
  const kept = values[i] as number
  values[i] = values[j] as number
  values[j] = kept
}

function insertionSort(values: Float64Array, low: number, high: number): void {
  for (let i = low + 1; i <= high; i++) {
    const value = values[i] as number
    let j = i - 1
    while (j >= low && (values[j] as number) > value) {
      values[j + 1] = values[j] as number
      j--
    }
    values[j + 1] = value
  }
}

/**
 * The quantiles of the first `count` numbers (none of them NaN), written to `out` from `at` on in steps of `stride`.
 * Reorders `values`. Without numbers every quantile is NaN.
 */
export function quantilesOf(
  values: Float64Array,
  count: number,
  probabilities: readonly number[],
  out: (index: number, value: number) => void,
): void {
  let low = 0
  for (let index = 0; index < probabilities.length; index++) {
    if (count === 0) {
      out(index, Number.NaN)
      continue
    }
    const position = (count - 1) * (probabilities[index] as number)
    const k = Math.floor(position)
    // probabilities ascend: what stands before the last position is smaller already
    selectNth(values, k, low, count - 1)
    low = k
    const lower = values[k] as number
    const fraction = position - k
    if (fraction === 0 || k + 1 >= count) {
      out(index, lower)
      continue
    }
    let upper = values[k + 1] as number
    for (let i = k + 2; i < count; i++) if ((values[i] as number) < upper) upper = values[i] as number
    out(index, lower === upper ? lower : lower + fraction * (upper - lower))
  }
}
