namespace Aspire.Hosting.ApplicationModel;

/// <summary>Lines copied from a log.</summary>
/// <param name="Lines">The lines.</param>
/// <param name="FirstNumber">The number of the first of them.</param>
/// <param name="Dropped">How many lines before them the reader missed; those that were cleared are not counted.</param>
internal readonly record struct ResourceLogBatch(LogLine[] Lines, long FirstNumber, long Dropped);
