using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>Adds values that are given from outside.</summary>
public static partial class ParameterResourceBuilderExtensions
{
    /// <summary>Adds a parameter that configuration holds, under <c>Parameters:{name}</c>.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The resource's name.</param>
    /// <param name="secret">Whether the value is kept out of logs and dashboards. Default: false.</param>
    public static IResourceBuilder<ParameterResource> AddParameter(this IDistributedApplicationBuilder builder, [ResourceName] string name, bool secret = false) =>
        builder.Add(CreateParameter(builder, name, secret));

    /// <summary>Adds a parameter with a value, whatever configuration says.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The resource's name.</param>
    /// <param name="value">The value.</param>
    /// <param name="publishValueAsDefault">Whether a manifest gets the value as a default. Default: false.</param>
    /// <param name="secret">Whether the value is kept out of logs and dashboards. Default: false.</param>
    /// <exception cref="ArgumentException">A secret is to be published.</exception>
    public static IResourceBuilder<ParameterResource> AddParameter(this IDistributedApplicationBuilder builder, [ResourceName] string name, string value, bool publishValueAsDefault = false, bool secret = false)
    {
        ArgumentNullException.ThrowIfNull(value);

        return builder.AddParameter(name, () => value, publishValueAsDefault, secret);
    }

    /// <summary>Adds a parameter whose value a callback gives, once, when it is first needed.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The resource's name.</param>
    /// <param name="valueGetter">Gives the value.</param>
    /// <param name="publishValueAsDefault">Whether a manifest gets the value as a default. Default: false.</param>
    /// <param name="secret">Whether the value is kept out of logs and dashboards. Default: false.</param>
    /// <exception cref="ArgumentException">A secret is to be published.</exception>
    public static IResourceBuilder<ParameterResource> AddParameter(this IDistributedApplicationBuilder builder, [ResourceName] string name, Func<string> valueGetter, bool publishValueAsDefault = false, bool secret = false)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(valueGetter);

        if (publishValueAsDefault && secret)
        {
            throw new ArgumentException($"Parameter '{name}' is a secret: a manifest must not have its value.", nameof(secret));
        }

        return builder.Add(new ParameterResource(name, value => value?.GetDefaultValue() ?? valueGetter(), secret)
        {
            Default = publishValueAsDefault ? new ConstantParameterDefault(valueGetter) : null,
        });
    }

    /// <summary>Adds a parameter that configuration holds, under <c>Parameters:{name}</c>, and that has a default.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The resource's name.</param>
    /// <param name="value">The default.</param>
    /// <param name="secret">Whether the value is kept out of logs and dashboards. Default: false.</param>
    /// <param name="persist">
    /// Whether a default that was used is kept in the AppHost's user secrets for later runs. Without user secrets
    /// (<c>dotnet user-secrets init</c>) each run has its own. Default: false.
    /// </param>
    public static IResourceBuilder<ParameterResource> AddParameter(this IDistributedApplicationBuilder builder, [ResourceName] string name, ParameterDefault value, bool secret = false, bool persist = false)
    {
        ArgumentNullException.ThrowIfNull(value);

        var parameter = CreateParameter(builder, name, secret);
        parameter.Default = persist ? builder.Kept(parameter, value) : value;
        return builder.Add(parameter);
    }

    /// <summary>Adds a parameter that configuration holds, under a key of its own.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The resource's name.</param>
    /// <param name="configurationKey">The key.</param>
    /// <param name="secret">Whether the value is kept out of logs and dashboards. Default: false.</param>
    public static IResourceBuilder<ParameterResource> AddParameterFromConfiguration(this IDistributedApplicationBuilder builder, [ResourceName] string name, string configurationKey, bool secret = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(configurationKey);

        var parameter = CreateParameter(builder, name, secret);
        parameter.ConfigurationKey = configurationKey;
        return builder.Add(parameter);
    }

    /// <summary>Says what the parameter is for.</summary>
    /// <param name="builder">The parameter.</param>
    /// <param name="description">The text that people see.</param>
    /// <param name="enableMarkdown">Whether it is Markdown. Default: false.</param>
    public static IResourceBuilder<ParameterResource> WithDescription(this IResourceBuilder<ParameterResource> builder, string description, bool enableMarkdown = false)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(description);

        builder.Resource.Description = description;
        builder.Resource.EnableDescriptionMarkdown = enableMarkdown;
        return builder;
    }

    /// <summary>Adds a connection string that configuration holds, under <c>ConnectionStrings:{name}</c>.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The resource's name.</param>
    /// <param name="environmentVariableName">The variable that carries it to others; <c>ConnectionStrings__{name}</c> when null.</param>
    public static IResourceBuilder<IResourceWithConnectionString> AddConnectionString(this IDistributedApplicationBuilder builder, [ResourceName] string name, string? environmentVariableName = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(name);

        ConnectionStringParameterResource? resource = null;
        resource = new ConnectionStringParameterResource(name, value => Read(builder, resource!, value), environmentVariableName);
        return builder.Add(resource);
    }

    /// <summary>Makes a parameter, without adding it, that configuration holds under <c>Parameters:{name}</c>.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The resource's name.</param>
    /// <param name="secret">Whether the value is kept out of logs and dashboards.</param>
    public static ParameterResource CreateParameter(IDistributedApplicationBuilder builder, [ResourceName] string name, bool secret)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(name);

        ParameterResource? parameter = null;
        parameter = new ParameterResource(name, value => Read(builder, parameter!, value), secret);
        return parameter;
    }

    /// <summary>Makes a parameter, without adding it, that has a random default, kept in the AppHost's user secrets for later runs.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The resource's name.</param>
    /// <param name="secret">Whether the value is kept out of logs and dashboards.</param>
    /// <param name="parameterDefault">How the default is made.</param>
    public static ParameterResource CreateGeneratedParameter(IDistributedApplicationBuilder builder, [ResourceName] string name, bool secret, GenerateParameterDefault parameterDefault)
    {
        ArgumentNullException.ThrowIfNull(parameterDefault);

        var parameter = CreateParameter(builder, name, secret);
        parameter.Default = builder.Kept(parameter, parameterDefault);
        return parameter;
    }

    /// <summary>Makes a password, without adding it, that has a random default of 22 characters, kept in the AppHost's user secrets for later runs.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The resource's name.</param>
    /// <param name="lower">Whether lower-case letters are used. Default: true.</param>
    /// <param name="upper">Whether upper-case letters are used. Default: true.</param>
    /// <param name="numeric">Whether digits are used. Default: true.</param>
    /// <param name="special">Whether special characters are used. Default: true.</param>
    /// <param name="minLower">The least number of lower-case letters. Default: 0.</param>
    /// <param name="minUpper">The least number of upper-case letters. Default: 0.</param>
    /// <param name="minNumeric">The least number of digits. Default: 0.</param>
    /// <param name="minSpecial">The least number of special characters. Default: 0.</param>
    public static ParameterResource CreateDefaultPasswordParameter(
        IDistributedApplicationBuilder builder,
        [ResourceName] string name,
        bool lower = true,
        bool upper = true,
        bool numeric = true,
        bool special = true,
        int minLower = 0,
        int minUpper = 0,
        int minNumeric = 0,
        int minSpecial = 0) => CreateGeneratedParameter(builder, name, secret: true, new GenerateParameterDefault
        {
            Lower = lower,
            Upper = upper,
            Numeric = numeric,
            Special = special,
            MinLower = minLower,
            MinUpper = minUpper,
            MinNumeric = minNumeric,
            MinSpecial = minSpecial,
        });

    private static IResourceBuilder<T> Add<T>(this IDistributedApplicationBuilder builder, T parameter)
        where T : ParameterResource
    {
        ArgumentNullException.ThrowIfNull(builder);

        return builder.AddResource(parameter).WithInitialState(new CustomResourceSnapshot
        {
            ResourceType = "Parameter",
            State = KnownResourceStates.Waiting,
            Properties = [new(CustomResourceKnownProperties.Source, parameter.ConfigurationKey)],
        });
    }

    private static string Read(IDistributedApplicationBuilder builder, ParameterResource parameter, ParameterDefault? value)
    {
        var key = parameter.ConfigurationKey;
        return builder.Configuration[key]
            // Many shells refuse a hyphen in a variable's name.
            ?? builder.Configuration[key.Replace('-', '_')]
            ?? value?.GetDefaultValue()
            ?? throw new MissingParameterValueException(
                $"{(parameter.IsConnectionString ? "Connection string" : "Parameter")} '{parameter.Name}' has no value: set '{key}' in appsettings.json or user secrets, or the environment variable '{key.Replace(":", "__", StringComparison.Ordinal).Replace('-', '_')}'.");
    }

    private static ParameterDefault Kept(this IDistributedApplicationBuilder builder, ParameterResource parameter, ParameterDefault value) =>
        builder.ExecutionContext.IsRunMode && UserSecretsFile.Of(builder.AppHostAssembly) is { } file
            ? new KeptParameterDefault(file, parameter.ConfigurationKey, value)
            : value;
}
