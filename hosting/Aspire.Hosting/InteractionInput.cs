using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace Aspire.Hosting;

/// <summary>A value a command asks for.</summary>
[Experimental("ASPIREINTERACTION001", UrlFormat = "https://aka.ms/aspire/diagnostics/{0}")]
[DebuggerDisplay("Name = {Name}, InputType = {InputType}, Required = {Required}")]
public sealed class InteractionInput
{
    /// <summary>Gets the name; unique, whatever its case, among the inputs of a command.</summary>
    public required string Name { get; init; }

    /// <summary>Gets the kind of value.</summary>
    public required InputType InputType { get; init; }

    /// <summary>Gets what people see. Default: the name.</summary>
    public string? Label { get; init; }

    /// <summary>Gets a longer text for people. Default: none.</summary>
    public string? Description { get; init; }

    /// <summary>Gets whether the description is Markdown. Default: <see langword="false"/>.</summary>
    public bool EnableDescriptionMarkdown { get; init; }

    /// <summary>Gets whether a value must be given. Default: <see langword="false"/>.</summary>
    public bool Required { get; init; }

    /// <summary>Gets or sets the choices: value and what people see. Default: none.</summary>
    public IReadOnlyList<KeyValuePair<string, string>>? Options { get; set; }

    /// <summary>Gets whether a value other than the choices may be given. Default: <see langword="false"/>.</summary>
    public bool AllowCustomChoice { get; init; }

    /// <summary>Gets or sets the value: before the command is executed the default, after it what was given.</summary>
    public string? Value { get; set; }

    /// <summary>Gets a hint shown while there is no value. Default: none.</summary>
    public string? Placeholder { get; init; }

    /// <summary>Gets the most characters a value may have. Default: no limit.</summary>
    public int? MaxLength { get; init; }

    /// <summary>Gets or sets whether the input takes no value now. Default: <see langword="false"/>.</summary>
    public bool Disabled { get; set; }
}
