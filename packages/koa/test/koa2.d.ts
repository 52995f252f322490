/** What the tests use of Koa is the same in version 2, which is installed under this name. */
declare module "koa2" {
  import Koa from "koa";

  export = Koa;
}
