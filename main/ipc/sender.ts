/**
 * Who may call: the main frame of the application's own window, and nobody else.
 * Owns: the decision. Does not: answer (serve.ts) or log.
 */

/** The parts of Electron's WebFrameMain that matter here. */
export type Frame = { readonly origin: string; readonly parent: unknown }

/** null where the sender may call, else what is wrong with it. */
export function refusal(frame: Frame | null, allowedOrigins: readonly string[]): string | null {
  if (!frame) return 'the frame is gone'
  if (frame.parent) return 'not the main frame'
  if (!allowedOrigins.includes(frame.origin)) return 'not the origin of the application'
  return null
}
