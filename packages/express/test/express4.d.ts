/** What the tests use of Express is the same in version 4, which is installed under this name. */
declare module "express4" {
  import express from "express";

  export = express;
}
