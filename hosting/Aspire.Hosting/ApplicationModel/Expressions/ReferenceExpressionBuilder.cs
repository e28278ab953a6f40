using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Puts a <see cref="ReferenceExpression"/> together piece by piece.</summary>
public class ReferenceExpressionBuilder
{
    private readonly StringBuilder _format;
    private readonly List<IValueProvider> _valueProviders;
    private readonly List<string> _manifestExpressions;
    private readonly List<string?> _stringFormats;

    /// <summary>Starts an empty expression.</summary>
    public ReferenceExpressionBuilder()
        : this(literalLength: 16, formattedCount: 4)
    {
    }

    internal ReferenceExpressionBuilder(int literalLength, int formattedCount)
    {
        _format = new StringBuilder(literalLength + (formattedCount * 3));
        _valueProviders = new List<IValueProvider>(formattedCount);
        _manifestExpressions = new List<string>(formattedCount);
        _stringFormats = new List<string?>(formattedCount);
    }

    /// <summary>Whether nothing has been added.</summary>
    public bool IsEmpty => _format.Length == 0;

    /// <summary>Adds an interpolated string.</summary>
    /// <param name="handler">The interpolated string.</param>
    [SuppressMessage("Performance", "CA1822", Justification = "The handler is bound to this instance.")]
    public void Append([InterpolatedStringHandlerArgument("")] in ReferenceExpressionBuilderInterpolatedStringHandler handler)
    {
        // The handler has put every piece into this builder by now.
    }

    /// <summary>Adds literal text.</summary>
    /// <param name="value">The text; a doubled brace stands for one brace, as in Aspire.</param>
    public void AppendLiteral(string value)
    {
        ArgumentNullException.ThrowIfNull(value);

        AppendText(ExpressionText.EscapeLiteral(value));
    }

    /// <summary>Adds text that is known now.</summary>
    /// <param name="value">The text; null adds nothing.</param>
    public void AppendFormatted(string? value) => AppendFormatted(value, format: null);

    /// <summary>Adds text that is known now, in a format.</summary>
    /// <param name="value">The text; null adds nothing.</param>
    /// <param name="format"><c>uri</c>, or null.</param>
    /// <exception cref="FormatException">The format is unknown.</exception>
    public void AppendFormatted(string? value, string? format = null)
    {
        if (value is not null)
        {
            AppendText(ExpressionText.EscapeValue(ExpressionText.Apply(value, format)));
        }
    }

    /// <summary>Adds a value of the model.</summary>
    /// <typeparam name="T">The type of the value.</typeparam>
    /// <param name="valueProvider">The value.</param>
    public void AppendFormatted<T>(T valueProvider)
        where T : IValueProvider, IManifestExpressionProvider => AppendFormatted(valueProvider, format: null);

    /// <summary>Adds a value of the model, in a format.</summary>
    /// <typeparam name="T">The type of the value.</typeparam>
    /// <param name="valueProvider">The value.</param>
    /// <param name="format"><c>uri</c>, or null.</param>
    /// <exception cref="FormatException">The format is unknown.</exception>
    public void AppendFormatted<T>(T valueProvider, string? format)
        where T : IValueProvider, IManifestExpressionProvider
    {
        ArgumentNullException.ThrowIfNull(valueProvider);

        Append(valueProvider, valueProvider.ValueExpression, format);
    }

    /// <summary>Adds a value of the model that is only known as an object: a value, or the builder of a resource that is one.</summary>
    /// <param name="valueProvider">The value.</param>
    /// <param name="format"><c>uri</c>, or null.</param>
    /// <exception cref="ArgumentException">The object is no value of the model.</exception>
    public void AppendValueProvider(object valueProvider, string? format = null)
    {
        ArgumentNullException.ThrowIfNull(valueProvider);

        var value = valueProvider is IResourceBuilder<IResource> builder ? builder.Resource : valueProvider;
        if (value is not IValueProvider provider || value is not IManifestExpressionProvider expression)
        {
            throw new ArgumentException($"A {value.GetType().Name} has no value to put into an expression.", nameof(valueProvider));
        }

        Append(provider, expression.ValueExpression, format);
    }

    /// <summary>Makes the expression.</summary>
    public ReferenceExpression Build() => new(_format.ToString(), [.. _valueProviders], [.. _manifestExpressions], [.. _stringFormats]);

    internal ReferenceExpressionBuilder EnsureCapacity(int literalLength, int formattedCount)
    {
        _format.EnsureCapacity(_format.Length + literalLength + (formattedCount * 3));
        return this;
    }

    internal void AppendText(string escaped) => _format.Append(escaped);

    private void Append(IValueProvider valueProvider, string manifestExpression, string? format)
    {
        _ = ExpressionText.Apply(string.Empty, format);

        _format.Append(CultureInfo.InvariantCulture, $"{{{_valueProviders.Count}}}");
        _valueProviders.Add(valueProvider);
        _manifestExpressions.Add(manifestExpression);
        _stringFormats.Add(format);
    }

    /// <summary>Collects the pieces of an interpolated string. Used by the compiler.</summary>
    /// <param name="literalLength">The number of literal characters.</param>
    /// <param name="formattedCount">The number of values.</param>
    /// <param name="builder">Where the pieces go.</param>
    [InterpolatedStringHandler]
    public ref struct ReferenceExpressionBuilderInterpolatedStringHandler(int literalLength, int formattedCount, ReferenceExpressionBuilder builder)
    {
        private readonly ReferenceExpressionBuilder _builder = builder.EnsureCapacity(literalLength, formattedCount);

        /// <summary>Adds literal text.</summary>
        /// <param name="value">The text.</param>
        public readonly void AppendLiteral(string value) => _builder.AppendLiteral(value);

        /// <summary>Adds text that is known now.</summary>
        /// <param name="value">The text; null adds nothing.</param>
        public readonly void AppendFormatted(string? value) => _builder.AppendFormatted(value);

        /// <summary>Adds text that is known now, in a format.</summary>
        /// <param name="value">The text; null adds nothing.</param>
        /// <param name="format"><c>uri</c>, or null.</param>
        public readonly void AppendFormatted(string? value, string format) => _builder.AppendFormatted(value, format);

        /// <summary>Adds a value of the model.</summary>
        /// <typeparam name="T">The type of the value.</typeparam>
        /// <param name="valueProvider">The value.</param>
        public readonly void AppendFormatted<T>(T valueProvider)
            where T : IValueProvider, IManifestExpressionProvider => _builder.AppendFormatted(valueProvider);

        /// <summary>Adds a value of the model, in a format.</summary>
        /// <typeparam name="T">The type of the value.</typeparam>
        /// <param name="valueProvider">The value.</param>
        /// <param name="format"><c>uri</c>, or null.</param>
        public readonly void AppendFormatted<T>(T valueProvider, string? format)
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
        public readonly void AppendFormatted<T>(IResourceBuilder<T> valueProvider, string? format)
            where T : IResource, IValueProvider, IManifestExpressionProvider
        {
            ArgumentNullException.ThrowIfNull(valueProvider);

            _builder.AppendFormatted(valueProvider.Resource, format);
        }
    }
}
