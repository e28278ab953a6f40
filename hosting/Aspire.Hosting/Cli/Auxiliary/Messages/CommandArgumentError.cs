namespace Aspire.Hosting.Cli.Auxiliary.Messages;

/// <summary>What is wrong with an argument.</summary>
/// <param name="ArgumentName">The argument.</param>
/// <param name="ErrorMessage">What is wrong.</param>
internal sealed record CommandArgumentError(string ArgumentName, string ErrorMessage);
