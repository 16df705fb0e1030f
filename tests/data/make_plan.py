"""Synthetic plans: plan.json version 2 with a `planning` section, as `smol plan` writes it; seeded, of any size."""

import random

MODELS = {
    "efficientnet-lite0": (0.62, 0.0085),
    "efficientnet-lite1": (0.66, 0.0135),
    "efficientnet-lite2": (0.68, 0.021),
}
# rendition, decode: seconds to read, to decode, to preprocess, and the loss that it costs
FORMATS = {
    ("full", "full"): (0.0002, 0.021, 0.0019, 0.0),
    ("full", "1/2"): (0.0002, 0.011, 0.0011, 0.0),
    ("full", "1/4"): (0.0002, 0.0074, 0.0006, 0.006),
    ("full", "1/8"): (0.0002, 0.0058, 0.0003, 0.031),
    ("full", "thumbnail"): (0.0001, 0.0006, 0.0003, 0.083),
    ("thumb161", "full"): (0.0001, 0.0021, 0.0004, 0.018),
    ("q75", "full"): (0.0001, 0.0009, 0.0004, 0.024),
}
MANIFEST = {
    "smol_manifest": 1,
    "name": "",
    "output": {"kind": "logits"},
    "preprocessing": [
        {"op": "resize", "short_side": 256, "filter": "bicubic", "antialias": True},
        {"op": "center_crop", "height": 224, "width": 224},
        {"op": "convert", "dtype": "f32"},
        {"op": "normalise", "scale": 1 / 255, "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]},
        {"op": "reorder_layout", "layout": "CHW"},
    ],
}
CORES = 2
ITEMS = 1024


def throughputs(demand, measured, rng):
    prefix = demand["read_s"] + demand["decode_s"] + demand["preprocess_s"]
    execution = demand["infer_core_s"]
    rates = {
        "resource_model": CORES / (prefix + execution + demand["sink_s"]),
        "execution_only": CORES / execution,
        "no_overlap": 1 / (prefix / CORES + execution / CORES),
        "paper_min": min(CORES / prefix, CORES / execution),
    }
    rates["measured"] = rates["resource_model"] * rng.uniform(0.95, 1.03) if measured else None
    return rates


def is_beaten(candidate, others):
    return any(
        other["speed"] >= candidate["speed"]
        and other["accuracy"] >= candidate["accuracy"]
        and (other["speed"], other["accuracy"]) != (candidate["speed"], candidate["accuracy"])
        for other in others
    )


def make_plan(count=21, seed=1, max_loss=0.01):
    """A plan with `count` candidates; every fifth or so was measured. The first is the reference."""
    rng = random.Random(seed)
    pairs = [(model, form) for model in sorted(MODELS, reverse=True) for form in FORMATS]
    candidates = []
    for i in range(count):
        model, (rendition, decode) = pairs[i % len(pairs)]
        accuracy, infer_s = MODELS[model]
        read_s, decode_s, preprocess_s, loss = FORMATS[rendition, decode]
        spread = 1 if i < len(pairs) else rng.uniform(0.9, 1.6)
        demand = {
            "read_s": read_s,
            "decode_s": decode_s * spread,
            "preprocess_s": preprocess_s,
            "infer_core_s": infer_s * spread,
            "infer_device_s": 0,
            "sink_s": 0.00004,
            "bytes_read": 2_400_000 if rendition == "full" else 31_000,
        }
        loss = (
            0
            if i == 0
            else max(-0.004, (MODELS["efficientnet-lite2"][0] - accuracy) + loss + rng.uniform(-0.003, 0.003))
        )
        value = MODELS["efficientnet-lite2"][0] - loss
        candidates.append(
            {
                "id": f"c{i}",
                "model": model,
                "rendition": rendition,
                "decode": decode,
                "cut": "u8 HWC 224x224, then convert | normalise | layout",
                "backend": "openvino",
                "threads": CORES,
                "streams": CORES,
                "batch": 8,
                "accuracy": value,
                "accuracy_low": value - 0.029,
                "accuracy_high": value + 0.028,
                "loss": loss,
                "loss_upper": 0 if i == 0 else loss + rng.uniform(0.002, 0.005),
                "resolved": loss > 0.004,
                "demand": demand,
                "throughput": throughputs(demand, i % 4 != 3 if count < 50 else i % 25 == 0, rng),
                "bound_by": "cpu",
                "cents_per_million": 0,
                "latency_ms": 8 * 1000 * (demand["decode_s"] + infer_s),
            }
        )
        rates = candidates[-1]["throughput"]
        candidates[-1]["speed"] = rates["measured"] or rates["resource_model"]
        candidates[-1]["cents_per_million"] = 4.8 * CORES * 1e6 / candidates[-1]["speed"] / 3600
    finish(candidates, max_loss)
    chosen = next(candidate for candidate in candidates if candidate["status"] == "chosen")
    return {
        "smol_plan": 2,
        "stages": [
            {
                "model": f"models/{chosen['model']}.onnx",
                "model_hash": "89abcdef01234567",
                "manifest": MANIFEST | {"name": chosen["model"]},
                "formats": [{"rendition": chosen["rendition"], "decode": {"spec": chosen["decode"]}, "cpu_ops": -1}],
                "thresholds": [],
            }
        ],
        "output": "topk",
        "topk": 5,
        "scores": "softmax",
        "engine": {"backend": "openvino", "threads": CORES, "streams": CORES, "batch": 8},
        "planning": {
            "made_at": "2026-11-26T08:12:00Z",
            "machine": {"cpu": "Synthetic 2-core machine", "cores": CORES, "memory_bytes": 25_000_000_000},
            "versions": {"smol": "0.1.0", "openvino": "2026.4.1"},
            "calibration": {"items": ITEMS, "groups": 183, "metric": "top1", "labelled": True, "reference": "c0"},
            "constraint": {"kind": "max_loss", "value": max_loss},
            "chosen": chosen["id"],
            "candidates": candidates,
            "examples": [],
        },
    }


def finish(candidates, max_loss):
    """Front, choice, and what beats the others; takes the helper `speed` away again."""
    front = [candidate for candidate in candidates if not is_beaten(candidate, candidates)]
    allowed = [candidate for candidate in candidates if candidate["loss_upper"] <= max_loss]
    chosen = max(allowed, key=lambda candidate: candidate["speed"])
    for candidate in candidates:
        beater = next((other for other in front if is_beaten(candidate, [other])), None)
        candidate["pareto"] = beater is None
        candidate["beaten_by"] = beater["id"] if beater else None
        if candidate is chosen:
            candidate["status"] = "chosen"
            candidate["reason"] = (
                f"fastest of those that lose at most {max_loss * 100:g} points at the upper 95 % bound"
            )
        elif beater is None:
            candidate["status"] = "front"
            candidate["reason"] = "on the front: faster or more accurate than every other, outside the constraint"
        else:
            candidate["status"] = "dominated"
            candidate["reason"] = f"{beater['id']} is at least as fast and as accurate"
    for candidate in candidates:
        del candidate["speed"]
