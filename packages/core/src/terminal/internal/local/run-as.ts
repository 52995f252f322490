/** The user that local terminals run as; only a gateway that runs as root can choose another than its own. */
export interface RunAs {
  readonly uid: number;
  readonly gid: number;
}
