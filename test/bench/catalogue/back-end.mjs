/**
 * A process of its own for the back-end of the bench: what it spends on making 22,000 documents is not the application's.
 * Started by fork; tells its address, and ends with whoever started it.
 */
import { startBackEnd } from '../../fakes/openeo/server.ts'
import { fillWithSynthetic } from '../../fakes/synthetic-catalogue.ts'

const [collections, processes, seed] = process.argv.slice(2).map(Number)
const backEnd = await startBackEnd()
fillWithSynthetic(backEnd, { collections, processes, seed })
process.on('disconnect', () => process.exit(0))
process.send?.({ address: backEnd.address })
