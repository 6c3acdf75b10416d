"""The runtimes that a function may have: the only place that names a language or a runtime.

``registry`` is what others ask. Each runtime is one folder here with a ``RUNTIME``; what all releases of a language
have in common is in ``python`` and ``node``, what any runtime has to say in ``model``.
"""
