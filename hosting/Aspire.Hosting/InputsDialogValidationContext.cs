using System.Diagnostics.CodeAnalysis;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>What inputs are checked with.</summary>
[Experimental("ASPIREINTERACTION001", UrlFormat = "https://aka.ms/aspire/diagnostics/{0}")]
public sealed class InputsDialogValidationContext
{
    private readonly List<ArgumentError> _errors = [];

    /// <summary>Gets the inputs with their values.</summary>
    public required InteractionInputCollection Inputs { get; init; }

    /// <summary>Gets the services of the application.</summary>
    public required IServiceProvider Services { get; init; }

    /// <summary>Gets a token that ends the check.</summary>
    public required CancellationToken CancellationToken { get; init; }

    /// <summary>Gets what has been found wrong so far.</summary>
    internal IReadOnlyList<ArgumentError> Errors => _errors;

    /// <summary>Says that the value of an input is wrong.</summary>
    /// <param name="input">The input.</param>
    /// <param name="errorMessage">What is wrong with it.</param>
    public void AddValidationError(InteractionInput input, string errorMessage)
    {
        ArgumentNullException.ThrowIfNull(input);
        AddValidationError(input.Name, errorMessage);
    }

    /// <summary>Says that the value of an input is wrong.</summary>
    /// <param name="inputName">The name of the input.</param>
    /// <param name="errorMessage">What is wrong with it.</param>
    /// <exception cref="KeyNotFoundException">There is no such input.</exception>
    public void AddValidationError(string inputName, string errorMessage)
    {
        ArgumentException.ThrowIfNullOrEmpty(errorMessage);
        _errors.Add(new ArgumentError(Inputs[inputName].Name, errorMessage));
    }
}
