using System.Collections;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Aspire.Hosting;

/// <summary>Inputs in order, found by position or, ignoring case, by name.</summary>
[Experimental("ASPIREINTERACTION001", UrlFormat = "https://aka.ms/aspire/diagnostics/{0}")]
[DebuggerDisplay("Count = {Count}")]
public sealed class InteractionInputCollection : IReadOnlyList<InteractionInput>
{
    private readonly IReadOnlyList<InteractionInput> _inputs;
    private readonly Dictionary<string, InteractionInput> _byName = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Initializes the collection.</summary>
    /// <param name="inputs">The inputs.</param>
    /// <exception cref="ArgumentException">Two inputs have the same name, whatever its case.</exception>
    public InteractionInputCollection(IReadOnlyList<InteractionInput> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);

        foreach (var input in inputs)
        {
            if (!_byName.TryAdd(input.Name, input))
            {
                throw new ArgumentException($"Two inputs have the name '{input.Name}'. Give one of them another name.", nameof(inputs));
            }
        }

        _inputs = inputs;
    }

    /// <summary>Gets the number of inputs.</summary>
    public int Count => _inputs.Count;

    /// <summary>Gets the names of the inputs.</summary>
    public IEnumerable<string> Names => _inputs.Select(static input => input.Name);

    /// <summary>Gets the input at a position.</summary>
    /// <param name="index">The position, from 0.</param>
    /// <returns>The input.</returns>
    public InteractionInput this[int index] => _inputs[index];

    /// <summary>Gets the input of a name.</summary>
    /// <param name="name">The name.</param>
    /// <returns>The input.</returns>
    /// <exception cref="KeyNotFoundException">There is no such input.</exception>
    public InteractionInput this[string name] => _byName.TryGetValue(name, out var input)
        ? input
        : throw new KeyNotFoundException($"There is no input named '{name}'. The inputs are: {string.Join(", ", Names)}.");

    /// <summary>Finds the input of a name.</summary>
    /// <param name="name">The name.</param>
    /// <param name="input">The input, when there is one.</param>
    /// <returns><see langword="true"/> when there is such an input.</returns>
    public bool TryGetByName(string name, [NotNullWhen(true)] out InteractionInput? input) => _byName.TryGetValue(name, out input);

    /// <summary>Says whether there is an input of a name.</summary>
    /// <param name="name">The name.</param>
    /// <returns><see langword="true"/> when there is such an input.</returns>
    public bool ContainsName(string name) => _byName.ContainsKey(name);

    /// <summary>Gets the value of an input.</summary>
    /// <param name="name">The name of the input.</param>
    /// <returns>The value; <see langword="null"/> when none was given.</returns>
    /// <exception cref="KeyNotFoundException">There is no such input.</exception>
    public string? GetString(string name) => this[name].Value;

    /// <summary>Gets the value of an input as yes or no.</summary>
    /// <param name="name">The name of the input.</param>
    /// <returns>The value; <see langword="false"/> when none was given.</returns>
    /// <exception cref="KeyNotFoundException">There is no such input.</exception>
    /// <exception cref="FormatException">The value is neither <c>true</c> nor <c>false</c>.</exception>
    public bool GetBoolean(string name)
    {
        var value = this[name].Value;
        return !string.IsNullOrEmpty(value) && (bool.TryParse(value, out var parsed) ? parsed : throw Malformed(name, "true or false"));
    }

    /// <summary>Gets the value of an input as a whole number.</summary>
    /// <param name="name">The name of the input.</param>
    /// <returns>The value.</returns>
    /// <exception cref="KeyNotFoundException">There is no such input.</exception>
    /// <exception cref="FormatException">The value is not a whole number of 32 bits.</exception>
    public int GetInt32(string name)
        => int.TryParse(this[name].Value, NumberStyles.Integer, CultureInfo.InvariantCulture, out var parsed) ? parsed : throw Malformed(name, "a whole number");

    /// <summary>Gets the value of an input as a number.</summary>
    /// <param name="name">The name of the input.</param>
    /// <returns>The value.</returns>
    /// <exception cref="KeyNotFoundException">There is no such input.</exception>
    /// <exception cref="FormatException">The value is not a number.</exception>
    public double GetDouble(string name)
        => double.TryParse(this[name].Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var parsed) ? parsed : throw Malformed(name, "a number");

    /// <summary>Copies the inputs.</summary>
    /// <returns>The inputs, in order.</returns>
    public InteractionInput[] ToArray() => [.. _inputs];

    /// <inheritdoc />
    public IEnumerator<InteractionInput> GetEnumerator() => _inputs.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static FormatException Malformed(string name, string expected) => new($"The value of input '{name}' is not {expected}.");
}
