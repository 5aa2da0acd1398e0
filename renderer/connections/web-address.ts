/** Addresses from outside, as far as they may be opened: http and https without user name or password. Pure. */
export function webAddress(address: string): string | undefined {
  if (!URL.canParse(address)) return undefined
  const url = new URL(address)
  const isWeb = url.protocol === 'https:' || url.protocol === 'http:'
  return isWeb && !url.username && !url.password ? url.href : undefined
}
/** `openeo.example.org`; the address itself where it is none. */
export const hostOf = (address: string): string => (URL.canParse(address) ? new URL(address).host : address)
