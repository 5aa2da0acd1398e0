/** Whose the base map is; shown on the map at all times. */
export const ATTRIBUTION = 'Natural Earth'
