"""The decoder of an encoder-decoder network: symbols out, one after the other."""

from course_lib import initializers
from course_lib.arguments import positive_int
from course_lib.backend import T, affine, batched_dot, floatX, new_rng, scan, softmax, unbroadcast
from course_lib.cells import GRUCell
from course_lib.layers.base import Layer

NOTHING = 0  # the symbol before the first one, after the last one, and in the filling


class AttentionDecoder(Layer):
    """Reads what an encoder made of a sequence, and writes another one, symbol by symbol.

    A GRU over its own last symbol and a context: the mean of the encoder's outputs, weighted by
    additive attention (Bahdanau, Cho & Bengio, 2015),

        energy_j = v . tanh(s_{i-1} W_query + memory_j W_memory)
        context_i = sum_j softmax(energy)_j memory_j

    or with ``attention=False`` the encoder's last output (Cho et al., 2014). Inputs
    (batch, source steps, features); outputs logits (batch, target steps, symbols) for `steps`
    target steps. Symbol 0 stands for nothing: it comes before the first symbol, and ends the
    sequence.

    In training the last symbol is the one it should have been (teacher forcing); in
    `predict` the most probable one.
    """

    reads_targets = True

    def __init__(
        self,
        symbols,
        steps,
        units,
        embedding_dim=16,
        attention=True,
        attention_units=None,
        **options,
    ):
        super().__init__(**options)
        self.symbols = positive_int("symbols", symbols)
        self.steps = positive_int("steps", steps)
        self.embedding_dim = positive_int("embedding_dim", embedding_dim)
        self.attention = bool(attention)
        self.attention_units = positive_int("attention_units", attention_units or units)
        self.cell = GRUCell(units)

    def config(self):
        return {
            "symbols": self.symbols,
            "steps": self.steps,
            "units": self.cell.units,
            "embedding_dim": self.embedding_dim,
            "attention": self.attention,
            "attention_units": self.attention_units,
            **super().config(),
        }

    def build(self, input_shape):
        self.require_rank(input_shape, 3, "(batch, source steps, features)")
        self.require_features(input_shape)
        super().build(input_shape)
        features, units = input_shape[-1], self.cell.units
        rng = new_rng()

        def matrix(name, rows, columns):
            return initializers.weight(name, (rows, columns), initializers.glorot_uniform, rng)

        def normal(shape, rng):
            return rng.normal(0, 0.3, shape)

        shape = (self.symbols, self.embedding_dim)
        self.E = initializers.weight("E", shape, normal, rng)
        self.cell.build(self.embedding_dim + features)
        self.W_query = matrix("W_query", units, self.attention_units)
        self.W_memory = matrix("W_memory", features, self.attention_units)
        self.v = matrix("v", self.attention_units, 1)
        self.W_out = matrix("W_out", units + features, self.symbols)
        self.b_out = initializers.weight("b_out", (self.symbols,), initializers.zeros)

    @property
    def weights(self):
        attention = [self.W_query, self.W_memory, self.v] if self.attention else []
        return [self.E, *self.cell.weights, *attention, self.W_out, self.b_out]

    def output_shape(self, input_shape):
        return (self.steps, self.symbols)

    def compute_mask(self, x, mask):
        return None

    def target_mask(self, targets):
        """Where a symbol counts, (batch, steps): to the first symbol 0, this one included."""
        before = T.neq(targets[:, :-1], NOTHING)
        return T.concatenate([T.ones_like(before[:, :1]), before], axis=1)

    # --- one step ---------------------------------------------------------------------------

    def read(self, memory, mask):
        """What stays the same at all steps: memory, its keys, and 0 where it may be read,
        a large negative number elsewhere."""
        keys = T.dot(memory, self.W_memory)
        readable = T.ones(memory.shape[:2]) if mask is None else mask.astype(memory.dtype)
        if not self.attention:  # the last readable step alone
            to_end = T.cumsum(readable[:, ::-1], axis=1)[:, ::-1]
            readable = readable * T.eq(to_end, 1)
        return memory, keys, (readable - 1) * floatX(1e9)

    def attend(self, state, memory, keys, closed):
        """The context (batch, features) and the attention weights (batch, source steps)."""
        if self.attention:
            # A product with ones spreads the query over the source: see `affine` in backend.
            ones = T.ones_like(keys[:, :, :1])
            query = T.dot(state, self.W_query).dimshuffle(0, "x", 1)
            hidden = T.tanh(keys + batched_dot(ones, query))
            rows = hidden.reshape((-1, self.attention_units))
            closed = closed + T.dot(rows, self.v).reshape(closed.shape)
        weights = softmax(closed)
        return batched_dot(weights.dimshuffle(0, "x", 1), memory)[:, 0], weights

    def step(self, embedded, state, *read):
        """From the last symbol's vector and the state to new state, context, attention."""
        context, weights = self.attend(state, *read)
        projected = self.cell.project(T.concatenate([embedded, context], axis=-1))
        (state,), _ = self.cell.step(projected, state, *self.cell.recurrent_weights)
        return state, context, weights

    def logits(self, state, context):
        return affine(T.concatenate([state, context], axis=-1), self.W_out, self.b_out)

    # --- all steps --------------------------------------------------------------------------

    def start(self, memory):
        """The state before the first step."""
        (state,) = self.cell.initial_states(memory.shape[0], memory.dtype)
        return state

    def call(self, x, mask=None, training=False, targets=None):
        read = self.read(x, mask)
        if targets is None:
            return self.free_running(read)[0]
        first = T.zeros_like(targets[:, :1])
        before = T.concatenate([first, targets[:, :-1]], axis=1)
        embedded = self.E[before.T.flatten()].reshape((self.steps, x.shape[0], self.embedding_dim))
        states, contexts, _ = scan(self.step, [embedded], [self.start(x), None, None], [*read])
        return self.logits(states, contexts).dimshuffle(1, 0, 2)

    def free_running(self, read):
        """Greedy search: logits (batch, steps, symbols) and attention (batch, steps, source)."""

        def step(symbol, state, *read):
            state, context, weights = self.step(self.E[symbol], state, *read)
            logits = self.logits(state, context)
            return T.argmax(logits, axis=-1), state, logits, weights

        memory = read[0]
        first = unbroadcast(T.zeros((memory.shape[0],), dtype="int64"))
        _, _, logits, weights = scan(
            step, [], [first, self.start(memory), None, None], [*read], n_steps=self.steps
        )
        return logits.dimshuffle(1, 0, 2), weights.dimshuffle(1, 0, 2)
