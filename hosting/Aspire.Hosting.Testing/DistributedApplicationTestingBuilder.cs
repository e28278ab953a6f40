using Aspire.Hosting.Testing.Builders;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Testing;

/// <summary>Makes builders for tests: of a whole AppHost, or of a model that the test writes itself.</summary>
/// <example>
/// <code>
/// await using var builder = await DistributedApplicationTestingBuilder.CreateAsync&lt;Projects.FlaskStack_AppHost&gt;();
/// await using var app = await builder.BuildAsync();
/// await app.StartAsync();
/// using var client = app.CreateHttpClient("nginx");
/// </code>
/// </example>
public static class DistributedApplicationTestingBuilder
{
    /// <summary>Runs an AppHost up to the point where it builds.</summary>
    /// <typeparam name="TEntryPoint">A type of the AppHost's assembly, such as <c>Projects.FlaskStack_AppHost</c>.</typeparam>
    /// <param name="cancellationToken">Ends the wait for the AppHost.</param>
    /// <returns>Its builder, with everything the AppHost added.</returns>
    /// <exception cref="InvalidOperationException">The entry point ended without building an application.</exception>
    public static Task<IDistributedApplicationTestingBuilder> CreateAsync<TEntryPoint>(CancellationToken cancellationToken = default)
        where TEntryPoint : class =>
        CreateAsync<TEntryPoint>([], cancellationToken);

    /// <summary>Runs an AppHost up to the point where it builds.</summary>
    /// <typeparam name="TEntryPoint">A type of the AppHost's assembly, such as <c>Projects.FlaskStack_AppHost</c>.</typeparam>
    /// <param name="args">The command line. <c>Key:Name=value</c> overrides the AppHost's configuration.</param>
    /// <param name="cancellationToken">Ends the wait for the AppHost.</param>
    /// <returns>Its builder, with everything the AppHost added.</returns>
    /// <exception cref="InvalidOperationException">The entry point ended without building an application.</exception>
    public static Task<IDistributedApplicationTestingBuilder> CreateAsync<TEntryPoint>(string[] args, CancellationToken cancellationToken = default)
        where TEntryPoint : class =>
        CreateAsync<TEntryPoint>(args, static (_, _) => { }, cancellationToken);

    /// <summary>Runs an AppHost up to the point where it builds.</summary>
    /// <typeparam name="TEntryPoint">A type of the AppHost's assembly, such as <c>Projects.FlaskStack_AppHost</c>.</typeparam>
    /// <param name="args">The command line. <c>Key:Name=value</c> overrides the AppHost's configuration.</param>
    /// <param name="configureBuilder">Called before the AppHost's builder is constructed, after the defaults of tests are set.</param>
    /// <param name="cancellationToken">Ends the wait for the AppHost.</param>
    /// <returns>Its builder, with everything the AppHost added.</returns>
    /// <exception cref="InvalidOperationException">The entry point ended without building an application.</exception>
    public static Task<IDistributedApplicationTestingBuilder> CreateAsync<TEntryPoint>(
        string[] args,
        Action<DistributedApplicationOptions, HostApplicationBuilderSettings> configureBuilder,
        CancellationToken cancellationToken = default) =>
        CreateAsync(typeof(TEntryPoint), args, configureBuilder, cancellationToken);

    /// <summary>Runs an AppHost up to the point where it builds.</summary>
    /// <param name="entryPoint">A type of the AppHost's assembly.</param>
    /// <param name="cancellationToken">Ends the wait for the AppHost.</param>
    /// <returns>Its builder, with everything the AppHost added.</returns>
    /// <exception cref="InvalidOperationException">The entry point ended without building an application.</exception>
    public static Task<IDistributedApplicationTestingBuilder> CreateAsync(Type entryPoint, CancellationToken cancellationToken = default) =>
        CreateAsync(entryPoint, [], cancellationToken);

    /// <summary>Runs an AppHost up to the point where it builds.</summary>
    /// <param name="entryPoint">A type of the AppHost's assembly.</param>
    /// <param name="args">The command line. <c>Key:Name=value</c> overrides the AppHost's configuration.</param>
    /// <param name="cancellationToken">Ends the wait for the AppHost.</param>
    /// <returns>Its builder, with everything the AppHost added.</returns>
    /// <exception cref="InvalidOperationException">The entry point ended without building an application.</exception>
    public static Task<IDistributedApplicationTestingBuilder> CreateAsync(Type entryPoint, string[] args, CancellationToken cancellationToken = default) =>
        CreateAsync(entryPoint, args, static (_, _) => { }, cancellationToken);

    /// <summary>Runs an AppHost up to the point where it builds.</summary>
    /// <param name="entryPoint">A type of the AppHost's assembly.</param>
    /// <param name="args">The command line. <c>Key:Name=value</c> overrides the AppHost's configuration.</param>
    /// <param name="configureBuilder">Called before the AppHost's builder is constructed, after the defaults of tests are set.</param>
    /// <param name="cancellationToken">Ends the wait for the AppHost.</param>
    /// <returns>Its builder, with everything the AppHost added.</returns>
    /// <exception cref="InvalidOperationException">The entry point ended without building an application.</exception>
    public static async Task<IDistributedApplicationTestingBuilder> CreateAsync(
        Type entryPoint,
        string[] args,
        Action<DistributedApplicationOptions, HostApplicationBuilderSettings> configureBuilder,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(configureBuilder);

        var factory = new ConfiguredFactory(entryPoint, args, configureBuilder);
        try
        {
            return new EntryPointBuilder(factory, await factory.GetBuilderAsync(cancellationToken).ConfigureAwait(false));
        }
        catch
        {
            await factory.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Makes a builder without an AppHost: the test adds the resources itself.</summary>
    /// <param name="args">The command line. <c>Key:Name=value</c> sets configuration.</param>
    /// <returns>The builder.</returns>
    public static IDistributedApplicationTestingBuilder Create(params string[] args) => Create(args, static (_, _) => { });

    /// <summary>Makes a builder without an AppHost: the test adds the resources itself.</summary>
    /// <param name="args">The command line. <c>Key:Name=value</c> sets configuration.</param>
    /// <param name="configureBuilder">Called before the builder is constructed, after the defaults of tests are set.</param>
    /// <returns>The builder.</returns>
    public static IDistributedApplicationTestingBuilder Create(
        string[] args,
        Action<DistributedApplicationOptions, HostApplicationBuilderSettings> configureBuilder)
    {
        ArgumentNullException.ThrowIfNull(args);
        ArgumentNullException.ThrowIfNull(configureBuilder);

        return DirectBuilder.Create(args, configureBuilder, CallerAssembly.Find());
    }
}
