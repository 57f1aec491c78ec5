"""What both directions and both frameworks need: the layers of a model, one by one."""

from course_lib.layers import Bidirectional, Layer


def layers_of(model):
    """The built layers of a `Sequential`, a list of layers, or one layer.

    Raises ValueError for anything else, and for layers that have no weights yet.
    """
    layers = [model] if isinstance(model, Layer) else getattr(model, "layers", model)
    if not isinstance(layers, (list, tuple)) or not layers:
        raise ValueError(f"a model, a layer or a list of layers is asked for, got {model!r}")
    for layer in layers:
        if not isinstance(layer, Layer):
            raise ValueError(f"a layer such as GRU(32) is asked for, got {layer!r}")
        layer.require_built()
    return list(layers)


def require_counterpart(layer, known, framework):
    """Raise ValueError unless `framework` has a layer that computes what `layer` computes.

    `known` are the classes it has; a subclass is another layer and must be listed itself.
    """
    if type(layer) not in known:
        names = ", ".join(sorted(kind.__name__ for kind in known))
        raise ValueError(
            f"{framework} has no layer like {type(layer).__name__} {layer.name!r}, only ones like "
            f"{names}"
        )
    if isinstance(layer, Bidirectional):
        require_counterpart(layer.forward, known, framework)
    elif getattr(layer, "zoneout", 0):
        raise ValueError(
            f"layer {layer.name!r} predicts with zoneout={layer.zoneout}, which {framework} "
            "does not have"
        )
