/** The time, told once a second to whoever shows it; the clock stands still while nobody does. */
import { createSubscriber } from 'svelte/reactivity'

const subscribe = createSubscriber((update) => {
  const timer = setInterval(update, 1000)
  return () => clearInterval(timer)
})

export const second = {
  /** Milliseconds since 1970; reactive inside of deriving and templates. */
  get now(): number {
    subscribe()
    return Date.now()
  },
}
