"""What each kernel of a class server does before its first cell: it sets a bound to its memory.

JupyterHub says in MEM_LIMIT how many bytes a person has. A kernel that wants more gets one sentence
and goes on; only behind it stands the wall of the system, which ends a process without a word.
"""


def limit_memory():
    """Keep the memory of this kernel below the person's, and explain it when it does not do."""
    import os
    import resource

    from IPython import get_ipython

    for_the_server = 200 << 20  # bytes that the person's Jupyter server takes beside the kernel
    limit = int(os.environ.get("MEM_LIMIT") or 0) - for_the_server
    shell = get_ipython()
    if limit <= 0 or shell is None:
        return
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    advice = (
        f"this cell asked for more memory than a person has on this class server "
        f"({(limit + for_the_server) / 2**30:.1f} GB). What was there before is still there: take "
        "fewer texts or a smaller batch, or menu Kernel, Restart Kernel."
    )

    def explain(shell, kind, problem, trace, tb_offset=None):
        """Show one sentence if the memory did not do, and the usual traceback otherwise."""
        if kind is not MemoryError and "allocate memory" not in str(problem):
            return shell.showtraceback((kind, problem, trace), tb_offset=tb_offset)
        shell._showtraceback(MemoryError, MemoryError(advice), [f"MemoryError: {advice}"])

    shell.set_custom_exc((MemoryError, RuntimeError), explain)


limit_memory()
del limit_memory
