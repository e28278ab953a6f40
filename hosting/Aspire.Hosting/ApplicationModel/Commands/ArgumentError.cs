namespace Aspire.Hosting.ApplicationModel;

/// <summary>What is wrong with an argument of a command.</summary>
/// <param name="Name">The argument.</param>
/// <param name="Reason">What is wrong with it, as a sentence.</param>
internal readonly record struct ArgumentError(string Name, string Reason)
{
    public override string ToString() => $"{Name}: {Reason}";
}
