import { InvalidArgumentError } from 'commander'

/** Reads an option's number; `example` shows one. */
export function numberFrom(min: number, example: string): (text: string) => number {
  return (text) => {
    const value = text.trim() === '' ? Number.NaN : Number(text)
    if (Number.isFinite(value) && value >= min) return value
    throw new InvalidArgumentError(`Expected a number from ${min} on, like ${example}; got "${text}".`)
  }
}

/** Reads an option's whole number. */
export function integerFrom(min: number, max: number, example: string): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
    if (value >= min && value <= max) return value
    const range = max === Infinity ? `from ${min} on` : `from ${min} to ${max}`
    throw new InvalidArgumentError(`Expected a whole number ${range}, like ${example}; got "${text}".`)
  }
}
