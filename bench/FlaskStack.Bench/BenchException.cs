namespace FlaskStack.Bench;

/// <summary>Something the person who runs the bench has to know or mend; the message is all of it.</summary>
internal sealed class BenchException(string message) : Exception(message);
