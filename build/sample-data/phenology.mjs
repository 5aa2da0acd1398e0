/**
 * How crops and meadows look through the year: the shares of green cover, dry cover and flowers by day.
 * The curves are double logistics with dates that are usual in southern Germany; every field has its own shift and vigour.
 */
import { smoothStep } from './noise.mjs'

const rise = (day, centre, width) => 1 / (1 + Math.exp(-(day - centre) / width))
const bell = (day, centre, width) => Math.exp(-(((day - centre) / width) ** 2))

/** A crop that is sown, greens up, ripens, is harvested and leaves stubble until it is ploughed. */
function arable({ winter = 0, greenUp, greenUpWidth = 9, ripe, ripeWidth = 6, harvest, ploughed, regrowth = 0 }) {
  return (day) => {
    const isStanding = 1 - smoothStep(harvest - 2, harvest + 2, day)
    const green = rise(day, greenUp, greenUpWidth) * (1 - rise(day, ripe, ripeWidth))
    const after = day > ploughed ? regrowth * smoothStep(ploughed + 15, ploughed + 60, day) : 0
    const early = winter * (1 - rise(day, greenUp, greenUpWidth))
    const standingDry = rise(day, ripe, ripeWidth) * isStanding * 0.85
    const stubble = (1 - isStanding) * (1 - smoothStep(ploughed - 4, ploughed + 4, day)) * 0.55
    return { green: Math.max(green * isStanding, early, after), dry: standingDry + stubble, flower: 0 }
  }
}

const rapeseedStand = arable({ winter: 0.42, greenUp: 84, ripe: 176, harvest: 203, ploughed: 232, regrowth: 0.2 })

function meadow(cuts) {
  return (day) => {
    const season = 0.48 + 0.5 * smoothStep(75, 118, day) * (1 - smoothStep(285, 335, day))
    const cut = cuts.find((at) => day >= at && day < at + 26)
    const regrown = cut === undefined ? 1 : 0.45 + 0.55 * ((day - cut) / 26)
    return { green: season * regrown, dry: cut === undefined ? 0.04 : 0.22 * (1 - (day - cut) / 26), flower: 0 }
  }
}

/** `share`: of the arable land. `at(day)`: shares of green, dry and flowers; what is left is soil. */
export const CROPS = [
  {
    name: 'winter wheat',
    share: 0.26,
    at: arable({ winter: 0.2, greenUp: 98, greenUpWidth: 10, ripe: 183, harvest: 209, ploughed: 246, regrowth: 0.3 }),
  },
  {
    name: 'winter barley',
    share: 0.13,
    at: arable({ winter: 0.27, greenUp: 90, ripe: 164, harvest: 187, ploughed: 214, regrowth: 0.65 }),
  },
  { name: 'rapeseed', share: 0.12, at: (day) => ({ ...rapeseedStand(day), flower: bell(day, 124, 13) }) },
  {
    name: 'maize',
    share: 0.22,
    at: arable({ greenUp: 168, greenUpWidth: 8, ripe: 262, ripeWidth: 8, harvest: 281, ploughed: 305 }),
  },
  { name: 'sugar beet', share: 0.08, at: arable({ greenUp: 157, ripe: 330, harvest: 291, ploughed: 296 }) },
  {
    name: 'potatoes',
    share: 0.06,
    at: arable({ greenUp: 161, greenUpWidth: 7, ripe: 238, harvest: 262, ploughed: 270, regrowth: 0.35 }),
  },
  { name: 'clover grass', share: 0.09, at: meadow([146, 192, 241]) },
  { name: 'fallow', share: 0.04, at: (day) => ({ green: 0.35 + 0.3 * bell(day, 160, 60), dry: 0.25, flower: 0 }) },
]
export const MEADOWS = [meadow([139, 184, 233, 277]), meadow([152, 214]), meadow([166])]

/** Green share of broad-leaved trees. */
export const leafCover = (day) => smoothStep(100, 138, day) * (1 - smoothStep(278, 318, day))
/** How much of the autumn's colour there is. */
export const autumnColour = (day) => bell(day, 293, 16)
