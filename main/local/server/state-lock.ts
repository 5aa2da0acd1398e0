/**
 * One back-end at a time on a state folder.
 * Owns: the lock: a write transaction on a small database of its own, which the system ends with the process, however
 * that ends. Why not a file with a process number: it outlives a crash, and numbers come again.
 */
import { join } from 'node:path'
import { openDatabase } from '../../core/database.ts'
import { AppError } from '../../core/errors.ts'
import type { Log } from '../../core/log.ts'

export type StateLock = { release(): void }

/** @throws AppError conflict where another back-end works on the folder; read-only, disk-full */
export async function lockState(stateDir: string, log: Log): Promise<StateLock> {
  const { database } = await openDatabase({ path: join(stateDir, 'lock.db'), migrations: [], log })
  try {
    database.run('BEGIN EXCLUSIVE')
  } catch (failure) {
    database.close()
    if (failure instanceof AppError && failure.code === 'conflict')
      throw new AppError(
        'conflict',
        'Another back-end works on this data folder already. Stop it first, or use another folder.',
      )
    throw failure
  }
  return { release: () => database.close() }
}
