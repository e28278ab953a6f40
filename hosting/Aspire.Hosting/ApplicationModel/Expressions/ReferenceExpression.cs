using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>
/// Text with values of the model in it. Written as an interpolated string, resolved when the values are known, and
/// published as an expression: <c>ReferenceExpression.Create($"{api.GetEndpoint("http")}/v1")</c> is
/// <c>{api.bindings.http.url}/v1</c> in a manifest.
/// </summary>
[DebuggerDisplay("ReferenceExpression = {ValueExpression}, Providers = {ValueProviders.Count}")]
public class ReferenceExpression : IExpressionValue, IValueWithReferences
{
    /// <summary>An expression without text. Its value is null.</summary>
    public static readonly ReferenceExpression Empty = new(string.Empty, [], [], []);

    private readonly string[] _manifestExpressions;
    private readonly string?[] _stringFormats;
    private readonly CompositeFormat _compositeFormat;

    internal ReferenceExpression(string format, IValueProvider[] valueProviders, string[] manifestExpressions, string?[] stringFormats)
    {
        Format = format;
        ValueProviders = valueProviders;
        _manifestExpressions = manifestExpressions;
        _stringFormats = stringFormats;
        _compositeFormat = CompositeFormat.Parse(format);
    }

    /// <summary>The text as a composite format string, with a placeholder for each value.</summary>
    public string Format { get; }

    /// <summary>The values, in the order of their placeholders.</summary>
    public IReadOnlyList<IValueProvider> ValueProviders { get; }

    /// <summary>What stands for each value in a manifest.</summary>
    public IReadOnlyList<string> ManifestExpressions => _manifestExpressions;

    /// <summary>The format of each value, or null; <c>uri</c> escapes the value for a URI.</summary>
    public IReadOnlyList<string?> StringFormats => _stringFormats;

    /// <summary>What stands for the whole text in a manifest.</summary>
    public string ValueExpression => string.Format(CultureInfo.InvariantCulture, _compositeFormat, (object?[])_manifestExpressions);

    IEnumerable<object> IValueWithReferences.References => ValueProviders;

    /// <summary>Makes an expression from an interpolated string.</summary>
    /// <param name="handler">The interpolated string.</param>
    public static ReferenceExpression Create(in ExpressionInterpolatedStringHandler handler) => handler.Build();

    /// <summary>Gives the text, waiting for its values; null when the expression is empty.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken) => GetValueAsync(new ValueProviderContext(), cancellationToken);

    /// <summary>Gives the text as <paramref name="context"/> sees it, waiting for its values; null when the expression is empty.</summary>
    /// <param name="context">Who asks, and from where; every value gets it too.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async ValueTask<string?> GetValueAsync(ValueProviderContext context, CancellationToken cancellationToken)
    {
        if (Format.Length == 0)
        {
            return null;
        }

        var values = new object?[ValueProviders.Count];
        for (var index = 0; index < values.Length; index++)
        {
            var value = await ValueProviders[index].GetValueAsync(context, cancellationToken).ConfigureAwait(false);
            values[index] = value is null ? null : ExpressionText.Apply(value, _stringFormats[index]);
        }

        return string.Format(CultureInfo.InvariantCulture, _compositeFormat, values);
    }

    /// <summary>Collects the pieces of an interpolated string. Used by the compiler.</summary>
    /// <param name="literalLength">The number of literal characters.</param>
    /// <param name="formattedCount">The number of values.</param>
    [InterpolatedStringHandler]
    public ref struct ExpressionInterpolatedStringHandler(int literalLength, int formattedCount)
    {
        private readonly ReferenceExpressionBuilder _builder = new(literalLength, formattedCount);

        /// <summary>Adds literal text.</summary>
        /// <param name="value">The text.</param>
        public readonly void AppendLiteral(string value) => _builder.AppendText(ExpressionText.EscapeLiteral(value));

        /// <summary>Adds text that is known now.</summary>
        /// <param name="value">The text; null adds nothing.</param>
        public readonly void AppendFormatted(string? value) => AppendFormatted(value, format: null);

        /// <summary>Adds text that is known now, in a format.</summary>
        /// <param name="value">The text; null adds nothing.</param>
        /// <param name="format"><c>uri</c>, or null.</param>
        public readonly void AppendFormatted(string? value, string? format = null)
        {
            if (value is not null)
            {
                _builder.AppendText(ExpressionText.EscapeValue(ExpressionText.Apply(value, format)));
            }
        }

        /// <summary>Adds a value of the model.</summary>
        /// <typeparam name="T">The type of the value.</typeparam>
        /// <param name="valueProvider">The value.</param>
        public readonly void AppendFormatted<T>(T valueProvider)
            where T : IValueProvider, IManifestExpressionProvider => AppendFormatted(valueProvider, format: null);

        /// <summary>Adds a value of the model, in a format.</summary>
        /// <typeparam name="T">The type of the value.</typeparam>
        /// <param name="valueProvider">The value.</param>
        /// <param name="format"><c>uri</c>, or null.</param>
        public readonly void AppendFormatted<T>(T valueProvider, string? format = null)
            where T : IValueProvider, IManifestExpressionProvider => _builder.AppendFormatted(valueProvider, format);

        /// <summary>Adds the value of a resource.</summary>
        /// <typeparam name="T">The type of the resource.</typeparam>
        /// <param name="valueProvider">The resource.</param>
        public readonly void AppendFormatted<T>(IResourceBuilder<T> valueProvider)
            where T : IResource, IValueProvider, IManifestExpressionProvider => AppendFormatted(valueProvider, format: null);

        /// <summary>Adds the value of a resource, in a format.</summary>
        /// <typeparam name="T">The type of the resource.</typeparam>
        /// <param name="valueProvider">The resource.</param>
        /// <param name="format"><c>uri</c>, or null.</param>
        public readonly void AppendFormatted<T>(IResourceBuilder<T> valueProvider, string? format = null)
            where T : IResource, IValueProvider, IManifestExpressionProvider
        {
            ArgumentNullException.ThrowIfNull(valueProvider);

            _builder.AppendFormatted(valueProvider.Resource, format);
        }

        internal readonly ReferenceExpression Build() => _builder.Build();
    }
}
