@rem npm start says "exec node ...", so that signals reach the server; the shell of Windows has no exec.
@%*
