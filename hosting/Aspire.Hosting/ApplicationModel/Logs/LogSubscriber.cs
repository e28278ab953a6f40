namespace Aspire.Hosting.ApplicationModel;

/// <summary>Says that somebody began to read a log, or that the last reader left.</summary>
/// <param name="Name">The resource instance the log belongs to.</param>
/// <param name="AnySubscribers">Whether anybody reads it.</param>
public readonly record struct LogSubscriber(string Name, bool AnySubscribers);
