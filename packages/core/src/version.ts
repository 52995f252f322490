/** The version of this package. Generated from its package.json. */
export const VERSION = "0.0.0";
