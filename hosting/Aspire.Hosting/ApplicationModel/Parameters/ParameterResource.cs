using System.Diagnostics.CodeAnalysis;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A value that is given from outside: from configuration under <c>Parameters:{name}</c>, or from its default.</summary>
public class ParameterResource : Resource, IExpressionValue
{
    private readonly Lazy<string> _value;

    /// <summary>Creates a parameter.</summary>
    /// <param name="name">The resource's name.</param>
    /// <param name="callback">Reads the value when it is first asked for; gets the default, if there is one.</param>
    /// <param name="secret">Whether the value is kept out of logs and dashboards.</param>
    public ParameterResource(string name, Func<ParameterDefault?, string> callback, bool secret = false)
        : base(name)
    {
        ArgumentNullException.ThrowIfNull(callback);

        Secret = secret;

        // A failed read is not remembered: the person mends the configuration and starts again.
        _value = new Lazy<string>(() => callback(Default), LazyThreadSafetyMode.PublicationOnly);
    }

    /// <summary>Where the value comes from when configuration has none.</summary>
    public ParameterDefault? Default { get; set; }

    /// <summary>Whether the value is kept out of logs and dashboards.</summary>
    public bool Secret { get; }

    /// <summary>Whether the parameter is a connection string, read from <c>ConnectionStrings:{name}</c>.</summary>
    public bool IsConnectionString { get; set; }

    /// <summary>What the parameter is for, shown to people.</summary>
    public string? Description { get; set; }

    /// <summary>Whether <see cref="Description"/> is Markdown. Default: false.</summary>
    public bool EnableDescriptionMarkdown { get; set; }

    /// <summary>The value.</summary>
    /// <exception cref="MissingParameterValueException">Configuration has none, and there is no default.</exception>
    [Obsolete("Use GetValueAsync, or pass the parameter itself to methods that accept it.")]
    public string Value => _value.Value;

    /// <summary>What stands for the value in a manifest: <c>{name.value}</c>.</summary>
    public string ValueExpression => $"{{{Name}.value}}";

    /// <summary>The configuration key that holds the value.</summary>
    internal string ConfigurationKey
    {
        get => field ?? (IsConnectionString ? $"ConnectionStrings:{Name}" : $"Parameters:{Name}");
        set;
    }

    /// <summary>Gives the value.</summary>
    /// <param name="cancellationToken">Checked before the value is read.</param>
    /// <exception cref="MissingParameterValueException">Configuration has none, and there is no default.</exception>
    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult<string?>(_value.Value);
    }

    /// <inheritdoc cref="GetValueAsync(CancellationToken)"/>
    /// <param name="_">Not used: a parameter is the same for everyone who asks.</param>
    /// <param name="cancellationToken">Checked before the value is read.</param>
    [SuppressMessage("Naming", "CA1725", Justification = "The name is Aspire's.")]
    public ValueTask<string?> GetValueAsync(ValueProviderContext _, CancellationToken cancellationToken) => GetValueAsync(cancellationToken);
}
