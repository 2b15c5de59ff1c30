/** What may stand in an id, for names of providers and models. */
export function idText(text: string): string {
  return text.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^-+|-+$/g, '') || 'x'
}
